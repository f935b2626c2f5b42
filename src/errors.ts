/**
 * Errors are named by what the caller does about them: quarantine, deliver again, or refuse to start.
 * Messages name what, where and what to do; they never quote a record's text, because they are logged and stored.
 */

/** The reason why a record is rejected, which no retry can resolve; rejects are counted by it. */
export type RejectCode =
  | 'bad-base64'
  | 'bad-aggregate'
  | 'bad-gzip'
  | 'bad-utf8'
  | 'bad-json'
  | 'bad-shape'
  | 'bad-text'
  | 'text-too-long'
  | 'unknown-model'
  | 'conflicting-models'
  | 'bad-score'
  | 'inference-failed'
  | 'write-refused'
  | 'forward-refused'
  | 'record-too-large';

/** Reasons are logged and stored beside a record: they must not grow with it. */
const MAX_REASON = 1_000;

/** A retry cannot help: quarantine the record and acknowledge it. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: RejectCode;

  /** @param message is cut off after 1,000 characters */
  constructor(code: RejectCode, message: string, options?: ErrorOptions) {
    super(message.slice(0, MAX_REASON).toWellFormed(), options);
    this.code = code;
  }
}

/** A retry can help: leave the record in the stream, which delivers it again. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** An operator has to fix it first, such as a missing table or permission: waiting does not help. */
  readonly isLasting: boolean;

  constructor(
    message: string,
    { isLasting = false, ...options }: ErrorOptions & { isLasting?: boolean } = {},
  ) {
    super(message, options);
    this.isLasting = isLasting;
  }
}

/** The function's settings are wrong: the init phase fails and no record is touched. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A model's folder is missing, incomplete, corrupt or does not match its manifest. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

export type ObjectErrorCode =
  | 'not-found'
  | 'no-such-bucket'
  | 'replaced'
  | 'access-denied'
  | 'wrong-region'
  | 'no-space'
  /** A key that cannot be here: over 1,024 bytes in S3, or outside of a folder (`..`). */
  | 'invalid-key';

/** An object or bucket that cannot be had as it was asked for. The message names it and says what to do. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError';
  readonly code: ObjectErrorCode;

  constructor(code: ObjectErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Requires a value.
 *
 * @param what is missing, for the message: `Version of PublishVersion`
 * @throws Error where it is undefined or null: a missing value never becomes data
 */
export const must = <Value>(value: Value, what: string): NonNullable<Value> => {
  if (value !== undefined && value !== null) return value;
  throw new Error(`${what} is missing`);
};

/** The name of whatever was thrown, such as `TypeError`. */
export const errorName = (error: unknown): string => {
  const { name } = Object(error) as { readonly name?: unknown };
  return typeof name === 'string' ? name : 'unknown error';
};

/** Converts any error of reading a record to a rejection. Its message may quote the record: only its name is kept. */
export const unreadable = (error: unknown): PermanentError =>
  error instanceof PermanentError
    ? error
    : new PermanentError('bad-shape', `the record cannot be read: ${errorName(error)}`, { cause: error });

/**
 * A description of an error and its causes that may be logged. For errors of our own the message; for others the name,
 * a code and AWS's request identifier, by which AWS finds the call: their messages may quote what was sent.
 */
export const describeError = (error: unknown): string => {
  const described = isOwn(error) ? error.message : describeForeign(error);
  const { cause } = Object(error) as { readonly cause?: unknown };
  if (cause === undefined) return described;
  const because = describeError(cause);
  // One that only changes its kind has the same words.
  return because.startsWith(described) ? because : `${described}: ${because}`;
};

const isOwn = (error: unknown): error is Error =>
  [PermanentError, TransientError, ConfigError, ModelError, ObjectError].some(
    (kind) => error instanceof kind,
  );

const describeForeign = (error: unknown): string => {
  const { code, $metadata } = Object(error) as {
    readonly code?: unknown;
    readonly $metadata?: { readonly requestId?: string };
  };
  const details = [
    ...(typeof code === 'string' ? [code] : []),
    ...($metadata?.requestId === undefined ? [] : [`request ${$metadata.requestId}`]),
  ];
  return details.length === 0 ? errorName(error) : `${errorName(error)} (${details.join(', ')})`;
};
