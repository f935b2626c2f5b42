/** What the user can mend: the message says what is wrong and what to do. */
export class RedriveError extends Error {
  override readonly name = 'RedriveError';
}

/** Whether AWS says that a table, stream, shard or queue is not there. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof Error &&
  ['ResourceNotFoundException', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'].includes(
    error.name,
  );

/** Name and message of what AWS answered. */
export const told = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
