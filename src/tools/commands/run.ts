import { type Command, CommanderError } from 'commander';
import { userMessage } from '../user-message.ts';

/** Exit statuses: success; the promise is broken, or a limit is not met; misuse, or an error that the user can fix. */
export const STATUS = { fine: 0, broken: 1, misuse: 2 } as const;

/** A command's action that returns the exit status. */
export const withStatus =
  <Given extends unknown[]>(work: (...given: Given) => Promise<number>) =>
  async (...given: Given): Promise<void> => {
    process.exitCode = await work(...given);
  };

/**
 * Runs a command and sets the exit status: that of its action (`withStatus`), or 2 where it is misused or throws. For
 * an error that the user can fix only the message is printed, for any other error the stack.
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
  // Commander has printed the message; `--help` throws this error, too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.fine : STATUS.misuse;
  console.error(userMessage(error) ?? error);
  return STATUS.misuse;
};
