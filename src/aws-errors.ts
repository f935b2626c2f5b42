import { errorName, TransientError } from './errors.ts';

/** Errors, of a call or of a statement in one, that last until an operator fixes the cause. */
const LASTING =
  /^(AccessDenied|AuthorizationError|InvalidSignature|KMS|MissingAuthenticationToken|NotFound|QueueDoesNotExist|ResourceNotFound|UnrecognizedClient)/;

/** A transient error; `isLasting` where an operator has to fix the cause. */
export const transient = (message: string, cause: unknown): TransientError =>
  new TransientError(message, { cause, isLasting: LASTING.test(errorName(cause)) });
