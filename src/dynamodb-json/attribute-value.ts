import { type AttributeValue, isObject, typeOf } from './attributes.ts';

/**
 * How deep lists and maps may be nested in DynamoDB.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 */
const MAX_DEPTH = 32;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Check = (content: unknown, depth: number) => boolean;

const isString: Check = (content) => typeof content === 'string' && content.isWellFormed();
const isNumber: Check = (content) => typeof content === 'string' && NUMBER.test(content);
const isBase64: Check = (content) =>
  typeof content === 'string' && content.length % 4 === 0 && BASE64.test(content);

const setOf =
  (check: Check): Check =>
  (content, depth) =>
    Array.isArray(content) && content.length > 0 && content.every((element) => check(element, depth));

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['S', isString],
  ['N', isNumber],
  ['B', isBase64],
  ['SS', setOf(isString)],
  ['NS', setOf(isNumber)],
  ['BS', setOf(isBase64)],
  ['BOOL', (content) => typeof content === 'boolean'],
  ['NULL', (content) => content === true],
  ['L', (content, depth) => Array.isArray(content) && content.every((one) => isValue(one, depth + 1))],
  [
    'M',
    (content, depth) => isObject(content) && Object.values(content).every((one) => isValue(one, depth + 1)),
  ],
]);

const isValue = (value: unknown, depth: number): boolean => {
  const type = typeOf(value);
  return depth <= MAX_DEPTH && CHECKS.get(type)?.((value as AttributeValue)[type], depth) === true;
};

/**
 * Whether a value is valid in DynamoDB: of one type, with a content of that type, nested no deeper than it allows. Any
 * other value makes the SDK or the service refuse the whole call.
 */
export const isAttributeValue = (value: unknown): value is AttributeValue => isValue(value, 0);

/** Whether a value can be part of an item's key. */
export const isKeyValue = (value: unknown): value is AttributeValue =>
  ['S', 'N', 'B'].includes(typeOf(value)) && isAttributeValue(value);
