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

/** A retry cannot help: quarantine the record and acknowledge it. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: RejectCode;

  constructor(code: RejectCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A retry can help: leave the record in the stream and have it delivered again. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** The function's settings are wrong: the init phase fails and no record is touched. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A model's folder is missing, incomplete, corrupt or does not hold what its manifest says. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
