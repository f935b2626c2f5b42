import { type Command, CommanderError } from 'commander';
import { userMessage } from '../user-message.ts';

/** Of a command: all is well; the promise is broken, or a figure is not met; misuse, or what a person can mend. */
export const STATUS = { fine: 0, broken: 1, misuse: 2 } as const;

/** A command's action that gives the exit status. */
export const withStatus =
  <Given extends unknown[]>(work: (...given: Given) => Promise<number>) =>
  async (...given: Given): Promise<void> => {
    process.exitCode = await work(...given);
  };

/**
 * Runs a command and sets the exit status: what its action gives (`withStatus`), or 2 where it is misused or throws.
 * Of what a person can mend only the message is printed, of everything else the stack.
 */
export const run = async (program: Command): Promise<void> => {
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = statusOf(error);
  }
};

const statusOf = (error: unknown): number => {
  // Commander has printed what it is about; `--help` is one, too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.fine : STATUS.misuse;
  console.error(userMessage(error) ?? error);
  return STATUS.misuse;
};
