import { errorName, TransientError } from './errors.ts';

/** Errors, of a call or of a statement in one, that last until somebody mends something. */
const LASTING =
  /^(AccessDenied|ResourceNotFound|UnrecognizedClient|InvalidSignature|MissingAuthenticationToken)/;

/** A failure that may pass, or lasts until an operator does something. */
export const transient = (message: string, cause: unknown): TransientError =>
  new TransientError(message, { cause, isLasting: LASTING.test(errorName(cause)) });
