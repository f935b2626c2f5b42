import type { Step } from '../pipeline/meter.ts';

/** The metric that counts records by outcome: `Records`, `labelled` → `RecordsLabelled`. */
export const outcomeMetric = (noun: string, kind: string): string => `${noun}${capitalised(kind)}`;

/** The metric that times a step: `decode` → `DecodeTime`. */
export const stepMetric = (step: Step): string => `${capitalised(step)}Time`;

const capitalised = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;
