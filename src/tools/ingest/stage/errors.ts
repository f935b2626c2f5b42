/** What the user can mend: the message says what is wrong, where, and what to do. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/** Name and message of what AWS answered. */
const told = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const NO_CREDENTIALS = [
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
];

/** The error of a call to AWS as one that says what was asked, and what to do about missing credentials. */
export const fromAws = (what: string, cause: unknown): StageError => {
  if (cause instanceof StageError) return cause;
  const isCredentials = cause instanceof Error && NO_CREDENTIALS.includes(cause.name);
  const message = isCredentials
    ? `${what}: there are no AWS credentials, or they have expired. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with "aws sso login".`
    : `${what} failed: ${told(cause)}`;
  return new StageError(message, { cause });
};
