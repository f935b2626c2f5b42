import { ConfigError, ModelError } from '../../errors.ts';
import { BenchError } from '../bench/bench-error.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { StageError } from '../ingest/stage/errors.ts';
import { isRefused, UserError } from '../user-error.ts';

/** Errors whose message says all that a person needs. */
const TOLD = [UserError, InputError, ConfigError, ModelError, StageError, BenchError];

/**
 * Runs a command and sets the exit status: what it returns, or 2 where it throws. What a person can mend is told in a
 * message, everything else with its stack.
 */
export const run = async (main: () => Promise<number>): Promise<void> => {
  try {
    process.exitCode = await main();
  } catch (error) {
    const isTold = TOLD.some((kind) => error instanceof kind) || isRefused(error);
    console.error(isTold && error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
};
