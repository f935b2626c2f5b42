import type { Logger } from '@aws-lambda-powertools/logger';
import type { ModelError } from '../errors.ts';

/** Logs that a model cannot be used. */
export type LogModelFault = (fault: { readonly id: string; readonly error: ModelError }) => void;

export const logModelFault =
  (logger: Logger): LogModelFault =>
  ({ id, error }) =>
    logger.warn('model-fault', { model: id, reason: error.message });

/** Milliseconds to a tenth: more digits would be noise. */
export const tenths = (ms: number): number => Math.round(ms * 10) / 10;
