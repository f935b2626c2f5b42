import type { AttributePath } from '../pipeline/attribute-path.ts';

/** A path in an item as an expression of `UpdateItem` and its like names it. */
export interface DocumentPath {
  /** `#text0.#text1[0]` */
  readonly expression: string;
  /** `ExpressionAttributeNames`: what the `#text0` … stand for. */
  readonly names: Readonly<Record<string, string>>;
}

/**
 * A path for condition and update expressions. Every name gets a placeholder, so that it may hold any character or be
 * a reserved word; an attribute whose own name has a dot in it stays one name.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
 */
export const documentPath = (path: AttributePath, placeholder = 'text'): DocumentPath => {
  const names: Record<string, string> = {};
  let expression = '';
  for (const [index, segment] of path.entries()) {
    if (typeof segment === 'number') {
      expression += `[${segment}]`;
      continue;
    }
    const name = `#${placeholder}${index}`;
    names[name] = segment;
    expression += expression === '' ? name : `.${name}`;
  }
  return { expression, names };
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
