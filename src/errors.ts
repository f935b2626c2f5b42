/**
 * Errors are named by what the caller does about them: quarantine, deliver again, or refuse to start.
 * Messages name what, where and what to do; they never quote a record's text, because they are logged and stored.
 */

/** What is wrong with a record that no retry can cure; the key under which rejects are counted. */
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

/** A retry can help: leave the record in the stream and have it delivered again. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** Somebody has to mend it first, a missing table or permission: it is of no use to wait for it. */
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

/** A model's folder is missing, incomplete, corrupt or does not hold what its manifest says. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/**
 * A value that has to be there.
 *
 * @param what is missing, for the message: `Version of PublishVersion`
 * @throws Error where it is undefined or null: absence never becomes data
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

/** Whatever reading a record throws is the record's fault. What an error says may quote it, so that only its name stays. */
export const unreadable = (error: unknown): PermanentError =>
  error instanceof PermanentError
    ? error
    : new PermanentError('bad-shape', `the record cannot be read: ${errorName(error)}`, { cause: error });

/**
 * What may be logged of an error and of those that caused it. Of errors of our own the message; of others the name, a
 * code and AWS's request identifier, by which AWS finds the call: their messages may quote what was sent.
 */
export const describeError = (error: unknown): string => {
  const described = isOwn(error) ? error.message : describeForeign(error);
  const { cause } = Object(error) as { readonly cause?: unknown };
  return cause === undefined ? described : `${described}: ${describeError(cause)}`;
};

const isOwn = (error: unknown): error is Error =>
  [PermanentError, TransientError, ConfigError, ModelError].some((kind) => error instanceof kind);

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
