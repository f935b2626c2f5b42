import { UserError } from './user-error.ts';

/** Errors of a call to AWS without valid credentials: missing, expired or refused ones. */
const NO_CREDENTIALS = new Set([
  'CredentialsProviderError',
  // An SSO session that has expired.
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const NO_PERMISSION = new Set(['AccessDeniedException', 'AccessDenied']);
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT']);
const NOT_FOUND = new Set([
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

/** Name and message of whatever was thrown. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Whether AWS answered that a function, version, alias, layer, table, stream, shard or queue does not exist. */
export const isNotFound = (error: unknown): boolean => error instanceof Error && NOT_FOUND.has(error.name);

/** Converts an error of missing credentials to one with instructions to get some; undefined for other errors. */
export const credentialFault = (cause: unknown): UserError | undefined =>
  cause instanceof Error && NO_CREDENTIALS.has(cause.name)
    ? new UserError(
        `No valid AWS credentials (${cause.name}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and ` +
          'AWS_SECRET_ACCESS_KEY, or sign in with "aws sso login".',
        { cause },
      )
    : undefined;

/**
 * Converts an error of a call to AWS to one with instructions for the user, where there are any; others are unchanged.
 *
 * @param doing the action that failed, such as `reading the alias`
 */
export const awsFault = (cause: unknown, doing: string): unknown => {
  if (!(cause instanceof Error) || cause instanceof UserError) return cause;
  const credentials = credentialFault(cause);
  if (credentials !== undefined) return credentials;
  if (NO_PERMISSION.has(cause.name)) {
    return new UserError(`Your AWS user is not authorized (${doing}): ${cause.message}`, { cause });
  }
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (UNREACHABLE.has(code)) {
    return new UserError(`AWS cannot be reached (${code}), while ${doing}. Check network and region.`, {
      cause,
    });
  }
  // The SDK's errors about regions have no name of their own.
  if (cause.message.startsWith('Region ')) {
    const message = `${cause.message.replace(/\.$/, '')}: give --region, or set AWS_REGION.`;
    return new UserError(message, { cause });
  }
  return cause;
};

/**
 * Converts any error of a call to AWS to one that names the failed action, for a command that can be run again.
 *
 * @param doing the action that failed, as the beginning of a sentence: `Reading the alias`
 */
export const failedCall = (doing: string, cause: unknown): UserError => {
  const fault = awsFault(cause, doing.charAt(0).toLowerCase() + doing.slice(1));
  return fault instanceof UserError
    ? fault
    : new UserError(`${doing} failed: ${errorText(cause)}`, { cause });
};
