/** What the user can mend: the message says what is wrong and what to do. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidSignatureException',
]);

/**
 * An error of an AWS call as one that tells the user what to do, where the user can do something; else as it is.
 * @param doing what was asked for, such as `reading the alias`
 */
export const told = (cause: unknown, doing: string): unknown => {
  if (!(cause instanceof Error) || cause instanceof StageError) return cause;
  if (NO_CREDENTIALS.has(cause.name)) {
    return new StageError(
      `No AWS credentials that work (${cause.name}), so nothing was changed: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and ` +
        'AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`.',
      { cause },
    );
  }
  if (cause.name === 'AccessDeniedException' || cause.name === 'AccessDenied') {
    return new StageError(`Your AWS user may not do this (${doing}): ${cause.message}`, { cause });
  }
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT') {
    return new StageError(`AWS cannot be reached (${code}), while ${doing}. Are network and region right?`, {
      cause,
    });
  }
  return cause;
};

/** Whether AWS says that a function, version, alias or layer is not there. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ResourceNotFoundException';
