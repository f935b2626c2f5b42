import { ConfigError, ModelError, ObjectError } from '../errors.ts';
import { credentialFault } from './aws-fault.ts';
import { isRefused, UserError } from './user-error.ts';

/** Errors whose message is all that the user needs. */
const EXPLAINED = [UserError, ConfigError, ModelError, ObjectError];

/** The message for an error that the user can fix; undefined for a bug of this program, which needs its stack. */
export const userMessage = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (EXPLAINED.some((kind) => error instanceof kind) || isRefused(error)) return error.message;
  return credentialFault(error)?.message;
};
