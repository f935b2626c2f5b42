import { ConfigError, ModelError } from '../errors.ts';
import { credentialFault } from './aws-fault.ts';
import { isRefused, UserError } from './user-error.ts';

/** Errors whose message says all that a person needs. */
const EXPLAINED = [UserError, ConfigError, ModelError];

/** What to print of an error that a person can mend; undefined for a fault of this program, which needs its stack. */
export const userMessage = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined;
  if (EXPLAINED.some((kind) => error instanceof kind) || isRefused(error)) return error.message;
  return credentialFault(error)?.message;
};
