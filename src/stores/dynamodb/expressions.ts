import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributePath } from '../../dynamodb-json/attribute-path.ts';

/**
 * Short placeholders for names and values in the expressions of `UpdateItem` and similar calls, so that names may have
 * any character or be a reserved word; an attribute whose name contains a dot stays one name.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
 */
export const placeholders = () => {
  const names = new Map<string, string>();
  const values: Record<string, AttributeValue> = {};
  let count = 0;

  const name = (attribute: string): string => {
    const placeholder = names.get(attribute) ?? `#${names.size}`;
    names.set(attribute, placeholder);
    return placeholder;
  };
  return {
    name,
    /** `#0.#1[0]` */
    path: (path: AttributePath): string =>
      path
        .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${name(segment)}`))
        .join('')
        .slice(1),
    value: (value: AttributeValue): string => {
      const placeholder = `:${count}`;
      count += 1;
      values[placeholder] = value;
      return placeholder;
    },
    ExpressionAttributeNames: (): Record<string, string> =>
      Object.fromEntries([...names].map(([attribute, placeholder]) => [placeholder, attribute])),
    /** Absent where there is no value: DynamoDB refuses an empty map. */
    ExpressionAttributeValues: (): { readonly ExpressionAttributeValues?: Record<string, AttributeValue> } =>
      count === 0 ? {} : { ExpressionAttributeValues: values },
  };
};

/**
 * A path in PartiQL: `"message"."body"`, `"parts"[0]`; a quotation mark in a name is doubled.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.data-types.html
 */
export const partiqlPath = (path: AttributePath): string =>
  path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `."${segment.replaceAll('"', '""')}"`))
    .join('')
    .slice(1);
