import { type FilterRule, filterRule, isLeaf, type Leaf } from './filter-rule.ts';
import { isObject } from '../../../dynamodb-json/attributes.ts';

/** A filter pattern that AWS refuses, or that this mapping would not apply as AWS does. */
export class FilterPatternError extends Error {
  override name = 'FilterPatternError';
}

type Matcher = (value: unknown) => boolean;

/** The default quota of a mapping. */
const MAX_PATTERNS = 5;
const SUBSET =
  'a list of strings, numbers, booleans, null, {"exists"}, {"prefix"} and {"anything-but"} is all that the local mapping knows';

/** Arrays match by their elements, at any depth. */
const flat = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value.flatMap(flat) : value === undefined ? [] : [value];

const compileNode = (pattern: unknown, path: string): Matcher => {
  if (Array.isArray(pattern)) return compileList(pattern, path);
  if (!isObject(pattern))
    throw new FilterPatternError(`${path}: ${JSON.stringify(pattern)} is no list: ${SUBSET}`);
  const fields = Object.entries(pattern).map(([key, inner]) => {
    if (key.startsWith('$')) throw new FilterPatternError(`${path}.${key}: ${SUBSET}`);
    return [key, compileNode(inner, `${path}.${key}`)] as const;
  });
  if (fields.length === 0) throw new FilterPatternError(`${path}: {} matches nothing: name a field`);
  const matches = (value: unknown): boolean =>
    fields.every(([key, matcher]) =>
      matcher(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    );
  return (value) => (Array.isArray(value) && value.length > 0 ? flat(value).some(matches) : matches(value));
};

const compileList = (entries: readonly unknown[], path: string): Matcher => {
  if (entries.length === 0) throw new FilterPatternError(`${path}: an empty list matches nothing`);
  const rules: FilterRule[] = entries.map((entry, index) => {
    const rule = filterRule(entry);
    if (rule) return rule;
    throw new FilterPatternError(`${path}[${index}]: ${JSON.stringify(entry)} is not supported: ${SUBSET}`);
  });
  return (value) => {
    // Rules apply to leaves only: an object in place of a leaf counts as missing.
    const leaves: readonly Leaf[] = isLeaf(value) ? [value] : flat(value).filter(isLeaf);
    return rules.some((rule) => rule(leaves));
  };
};

const compilePattern = (pattern: unknown, name: string): Matcher => {
  if (!isObject(pattern)) throw new FilterPatternError(`${name} is no object: ${JSON.stringify(pattern)}`);
  const foreign = Object.keys(pattern).find((key) => key !== 'data');
  if (foreign !== undefined) {
    throw new FilterPatternError(`${name}, ${foreign}: on Kinesis only data can be filtered on`);
  }
  if (!isObject(pattern.data)) {
    throw new FilterPatternError(`${name}, data: has to be JSON, not ${JSON.stringify(pattern.data)}`);
  }
  return compileNode(pattern.data, `${name}, data`);
};

const parse = (data: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  } catch {
    return undefined;
  }
};

/**
 * Compiles the filter patterns of a Kinesis mapping; a record passes when one of them matches. As on AWS, data that is
 * not JSON (gzip, KPL aggregates, text) passes no pattern, and is dropped without a trace.
 *
 * @returns undefined when there is nothing to filter by
 * @throws FilterPatternError that names the pattern and the part of it, for all but the subset of `filterRule`
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export const compileFilter = (patterns: readonly unknown[]): ((data: Uint8Array) => boolean) | undefined => {
  if (patterns.length === 0) return undefined;
  if (patterns.length > MAX_PATTERNS) {
    throw new FilterPatternError(
      `${patterns.length} filter patterns: a mapping takes at most ${MAX_PATTERNS}`,
    );
  }
  const matchers = patterns.map((pattern, index) => compilePattern(pattern, `Filter pattern ${index + 1}`));
  return (data) => {
    const value = parse(data);
    return value !== undefined && matchers.some((matches) => matches(value));
  };
};
