import type { AttributePath } from '../../pipeline/records/attribute-path.ts';

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
