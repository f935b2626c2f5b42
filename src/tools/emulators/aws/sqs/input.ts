import { invalidValue, missingParameter } from './errors.ts';
import type { MessageAttributes } from './message.ts';

/** The input of an operation in the JSON protocol. */
export type Input = Readonly<Record<string, unknown>>;

export const textIn = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  throw missingParameter(name);
};

/** A whole number between two limits; undefined where it is not given. */
export const numberIn = (input: Input, name: string, least: number, most: number): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw invalidValue(
    `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  );
};

export const attributesIn = (input: Input, name: string): Readonly<Record<string, string>> => {
  const value = (input[name] ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
};

export const messageAttributesIn = (input: Input): MessageAttributes =>
  (input.MessageAttributes ?? {}) as MessageAttributes;

export const namesIn = (input: Input, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => (Array.isArray(input[name]) ? (input[name] as readonly string[]) : []));
