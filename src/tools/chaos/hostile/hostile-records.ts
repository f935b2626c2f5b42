import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { changeRecordJson } from '../../emulators/aws/native-fan-out.ts';
import { aggregate } from '../../emulators/aws/kpl-aggregate.ts';

/** Part of every text, name and value of user data: it must not appear elsewhere. */
export const SECRET = 'S3CR3T';

/** Data of records that a stream may carry, made to do harm: of the wrong shape, too deep, too large, damaged. */
export const hostileData = (table: string): fc.Arbitrary<Buffer> => {
  const json = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(change(table), edits).map(([text, some]) => edited(text, some)) },
    {
      weight: 2,
      arbitrary: fc.tuple(plain, edits).map(([value, some]) => edited(JSON.stringify(value), some)),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 5_000 }).map(deepJson) },
  );
  const single = fc.oneof(
    { weight: 5, arbitrary: json.map((text) => Buffer.from(text)) },
    { weight: 2, arbitrary: fc.tuple(json, damage).map(([text, how]) => how(Buffer.from(text))) },
    { weight: 1, arbitrary: json.map((text) => gzipSync(text)) },
    { weight: 1, arbitrary: fc.tuple(json, damage).map(([text, how]) => how(gzipSync(text))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
  const key = fc.oneof(fc.constantFrom('a', '', 'é'.repeat(300)), fc.string());
  const packed = fc
    .array(fc.record({ partitionKey: key, data: single }), { minLength: 1, maxLength: 8 })
    .map((records) => Buffer.from(aggregate(records)));
  return fc.oneof(
    { weight: 8, arbitrary: single },
    { weight: 1, arbitrary: packed },
    { weight: 1, arbitrary: fc.tuple(packed, damage).map(([bytes, how]) => how(bytes)) },
  );
};

const secret = fc.oneof(
  fc.constantFrom(
    SECRET,
    `${SECRET}\u0000`,
    `${SECRET} ${'x'.repeat(500)}`,
    `"${SECRET}"`,
    SECRET.repeat(20_000),
  ),
  fc.string().map((text) => SECRET + text),
);
const id = fc.constantFrom('a', 'b', 'c');

/** Values in the place of an attribute value: of all types, and of none. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  secret.map((S) => ({ S })),
  fc.constantFrom<unknown>(
    ...[null, 5, true, '', SECRET, [], {}, [SECRET], { S: null }, { S: [SECRET] }, { S: 5 }, { N: SECRET }],
    ...[
      { N: '5' },
      { NULL: true },
      { NULL: SECRET },
      { BOOL: SECRET },
      { B: '!' },
      { B: 'AAE=' },
      { BS: [1] },
    ],
    ...[
      { BS: [] },
      { SS: [SECRET, 1] },
      { SS: [SECRET] },
      { L: SECRET },
      { L: [null] },
      { M: [] },
      { M: { S: 1 } },
    ],
    ...[{ S: SECRET, N: '1' }, { [SECRET]: SECRET }, { S: '\ud800' }, { __proto__: null, S: SECRET }],
  ),
  fc.object({ maxDepth: 3, key: fc.constantFrom('S', 'N', 'L', 'M', 'B', SECRET, 'constructor') }),
);

const NAMES = [
  'text',
  'textblob',
  'message',
  'model_type',
  'label',
  'label_hash',
  'label_model',
  'label_error',
];

const change = (table: string): fc.Arbitrary<string> =>
  fc
    .record({
      eventName: fc.constantFrom('INSERT' as const, 'MODIFY' as const, 'REMOVE' as const),
      id,
      text: secret,
      other: fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 4 }),
      createdMicros: fc.constantFrom(1_719_347_890_250_647, 1_719_347_890_000_000, 4e15, 0, -1, 1e300),
      isOther: fc.boolean(),
    })
    .map(({ eventName, other, isOther, text, createdMicros, ...keys }) => {
      const key = { id: { S: keys.id } };
      const image = { ...key, text: { S: text }, ...(other as Record<string, object>) };
      return changeRecordJson({
        ...{ eventName, keys: key, createdMicros },
        table: isOther ? 'another' : table,
        ...(eventName !== 'REMOVE' && { newImage: image }),
        ...(eventName !== 'INSERT' && { oldImage: image }),
      });
    });

const plain = fc.record(
  {
    id: fc.oneof(id, fc.constantFrom<unknown>(null, 5, true, [], {}, 1e300)),
    text: fc.oneof<fc.Arbitrary<unknown>[]>(
      secret,
      fc.constantFrom<unknown>(null, 5, true, [SECRET], { S: SECRET }),
    ),
    textblob: fc.oneof(
      secret,
      secret.map((text) => JSON.stringify(text)),
    ),
    model_type: fc.constantFrom<unknown>('toy', 'nobody', SECRET, null, 5, [SECRET], { [SECRET]: 1 }),
  },
  { requiredKeys: [] },
);

/** This number of nested lists, as plain JSON and as DynamoDB JSON. */
const deepJson = (levels: number): string => {
  const lists = `${'{"L":['.repeat(levels)}{"S":"${SECRET}"}${']}'.repeat(levels)}`;
  return levels % 2 === 0
    ? `{"id":"a","text":"${SECRET}","deep":${'['.repeat(levels)}${']'.repeat(levels)}}`
    : `{"eventName":"INSERT","dynamodb":{"Keys":{"id":${lists}},"NewImage":{"text":${lists}}}}`;
};

/** Changes of a JSON text: at a position among all values in it, another value, or nothing. */
const edits = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.option(value, { nil: undefined })), { maxLength: 2 });

const edited = (text: string, some: readonly (readonly [number, unknown])[]): string =>
  some.reduce((json, [position, replacement]) => replacedAt(json, position, replacement), text);

const replacedAt = (text: string, position: number, replacement: unknown): string => {
  let seen = -1;
  const replaced = JSON.stringify(JSON.parse(text), (_, one: unknown) => {
    seen += 1;
    return seen === position ? replacement : one;
  }) as string | undefined;
  return replaced ?? 'null';
};

type Damage = (bytes: Buffer) => Buffer;

/** Changes of bytes: some are replaced, truncated, missing or duplicated. */
const damage: fc.Arbitrary<Damage> = fc
  .tuple(fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 3 }))
  .map(([at, byte, kind]) => (bytes) => {
    const index = bytes.length === 0 ? 0 : at % bytes.length;
    const [before, rest] = [bytes.subarray(0, index), bytes.subarray(index)];
    if (kind === 0) return before;
    if (kind === 1) return Buffer.concat([before, Buffer.of(byte), rest.subarray(1)]);
    return kind === 2 ? Buffer.concat([before, rest.subarray(1)]) : Buffer.concat([bytes, rest]);
  });
