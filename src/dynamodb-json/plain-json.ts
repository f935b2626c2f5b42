import type { AttributeMap, AttributeValue } from './attributes.ts';

/** A value of DynamoDB JSON as plain JSON; numbers become doubles. @throws Error for sets and binary values */
export const plainJson = (value: AttributeValue): unknown => {
  const { S, N, BOOL, NULL, L, M } = value;
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (BOOL !== undefined) return BOOL;
  if (NULL !== undefined) return null;
  if (Array.isArray(L)) return L.map((one: AttributeValue) => plainJson(one));
  if (M !== undefined)
    return Object.fromEntries(
      Object.entries(M as AttributeMap).map(([name, inner]) => [name, plainJson(inner)]),
    );
  throw new Error(`a value of type ${Object.keys(value).join(', ')} has no plain JSON`);
};
