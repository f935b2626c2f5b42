import { MB_PER_VCPU } from '../../../wire/models.ts';
import { HOURS_PER_MONTH, PRICES } from '../prices.ts';
import type { MeasuredModel } from '../measured.ts';

export type Architecture = keyof typeof PRICES.lambda.gbSecond;

export const MONTH_SECONDS = HOURS_PER_MONTH * 3_600;

/** Seconds of a vCPU for one text of so many characters. */
export const textSeconds = (
  { recordsPerSecond, textCharacters }: MeasuredModel,
  textLength: number,
): number => Math.max(1, textLength / textCharacters) / recordsPerSecond;

/** US dollars for work of so many seconds of a vCPU in a function: with less than that it takes longer, with more it does not. */
export const lambdaTime = (
  seconds: number,
  memory: number,
  gbSecond: number = PRICES.lambda.gbSecond.arm64,
): number => seconds * (MB_PER_VCPU / Math.min(memory, MB_PER_VCPU)) * (memory / 1024) * gbSecond;
