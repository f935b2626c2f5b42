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

const NO_CREDENTIALS = [
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
];

/** An error of the first call to AWS as one that says what settings are missing, where they are; else as it is. */
export const toldFirst = (cause: unknown): unknown => {
  if (!(cause instanceof Error)) return cause;
  if (NO_CREDENTIALS.includes(cause.name)) {
    return new RedriveError(
      `No AWS credentials that work (${cause.name}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with "aws sso login".`,
      { cause },
    );
  }
  // The SDK's errors about regions have no name of their own.
  if (!cause.message.startsWith('Region ')) return cause;
  return new RedriveError(
    `${cause.message.replace(/\.$/, '')}: give --region, or set AWS_REGION or the region of your profile.`,
    {
      cause,
    },
  );
};

/** Name and message of what AWS answered. */
export const told = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
