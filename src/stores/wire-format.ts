import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributeMap } from '../pipeline/attributes.ts';
import type { Label } from '../pipeline/model.ts';

/** DynamoDB JSON as the SDK takes it: the same, but binary values are bytes instead of base64. */
export const toWire = (attributes: AttributeMap): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      (typeof value.B === 'string'
        ? { B: Buffer.from(value.B, 'base64') }
        : value) as unknown as AttributeValue,
    ]),
  );

/** An item as the SDK gives it in DynamoDB JSON: top-level binary values as base64. */
export const fromWire = (item: Readonly<Record<string, AttributeValue>>): AttributeMap =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      (value.B === undefined
        ? value
        : { B: Buffer.from(value.B).toString('base64') }) as unknown as AttributeMap[string],
    ]),
  );

/** A probability as a DynamoDB number: seven significant digits, all that a float32 has. */
export const scoreText = (score: number): string => String(Number(score.toPrecision(7)));

/** Labels as a list of maps of `label` and `score`. */
export const labelList = (labels: readonly Label[]): AttributeValue => ({
  L: labels.map(({ label, score }) => ({ M: { label: { S: label }, score: { N: scoreText(score) } } })),
});

/** The time-to-live attribute of an item written now, in seconds since 1970; none where it is kept for good (0 days). */
export const expiryOf = (ttlDays: number, seconds: number): Record<string, AttributeValue> =>
  ttlDays > 0 ? { expires_at: { N: String(seconds + ttlDays * 86_400) } } : {};
