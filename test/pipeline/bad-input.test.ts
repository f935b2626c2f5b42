import { gzipSync } from 'node:zlib';
import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { base64, change, streamRecords } from '../support/records.ts';

const native = (change: object, other: object = {}) =>
  base64(JSON.stringify({ eventName: 'INSERT', tableName: 'documents', dynamodb: change, ...other }));
const Keys = { id: { S: 'a' } };
const NewImage = { id: { S: 'a' }, text: { S: 'hello' } };
const image = (newImage: object) => native({ Keys, NewImage: newImage });
/** A list in a list, and so on: too deep for `JSON.stringify`, so put together by hand. */
const nested = (levels: number): string => `${'{"L":['.repeat(levels)}{"S":"x"}${']}'.repeat(levels)}`;
const raw = (keys: string, other = '"x"') =>
  base64(
    `{"eventName":"INSERT","dynamodb":{"Keys":${keys},"NewImage":{"text":{"S":"hello"},"other":{"S":${other}}}}}`,
  );

/** Every kind of bad input, what it is called and the reason that is kept with it. */
describe('bad input is rejected with a reason', () => {
  it.each([
    ['no base64', '!!!!', 'bad-base64', /^data is not base64: 4 characters decode to 0 bytes$/],
    [
      'broken gzip',
      base64(Uint8Array.of(0x1f, 0x8b, 8)),
      'bad-gzip',
      /^data is not gzip, or unpacks to over \d+ bytes$/,
    ],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(8 << 20)).toString('base64'),
      'bad-gzip',
      /or unpacks to over 4194304 bytes$/,
    ],
    [
      'a broken aggregate',
      base64(Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3)),
      'bad-aggregate',
      /aggregate/,
    ],
    [
      'no UTF-8',
      base64(Uint8Array.of(0x22, 0xc3, 0x28)),
      'bad-utf8',
      /^data \(3 bytes\) is not valid UTF-8$/,
    ],
    ['no JSON', base64('{"a":'), 'bad-json', /^data \(5 characters\) is not JSON$/],
    ['a list', base64('[]'), 'bad-shape', /^the record should be a JSON object, but is an array$/],
    [
      'dynamodb of a wrong type',
      base64('{"dynamodb": 1}'),
      'bad-shape',
      /^dynamodb should be an object, but is of type number$/,
    ],
    [
      'an unknown event',
      native({ Keys, NewImage }, { eventName: 'UPSERT' }),
      'bad-shape',
      /^eventName should be INSERT, MODIFY or REMOVE/,
    ],
    [
      'a table name that is none',
      native({ Keys, NewImage }, { tableName: 7 }),
      'bad-shape',
      /^tableName should be a string/,
    ],
    [
      'no keys',
      native({ NewImage }),
      'bad-shape',
      /^dynamodb.Keys should be the key of the item, but is missing$/,
    ],
    [
      'keys that are no attributes',
      native({ Keys: { id: 'a' }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys should be DynamoDB attribute values/,
    ],
    ['no image', native({ Keys }), 'bad-shape', /^dynamodb.NewImage should be the new item, but is missing$/],
    [
      'an image that is none',
      native({ Keys, NewImage: [] }),
      'bad-shape',
      /^dynamodb.NewImage should be the new item, but is an array$/,
    ],
    [
      'a plain key of a wrong type',
      base64('{"id": true, "text": "x"}'),
      'bad-shape',
      /^key attribute id of a plain JSON record should be/,
    ],
    [
      'a text of a wrong type',
      image({ text: { N: '1' } }),
      'bad-text',
      /^attribute text should be a string \(S\), but is of type N$/,
    ],
    [
      'a text that is no attribute',
      image({ text: 'hello' }),
      'bad-text',
      /^attribute text should be a string \(S\)/,
    ],
    [
      'a textblob that is no JSON',
      image({ textblob: { S: 'x' } }),
      'bad-text',
      /^attribute textblob should hold a JSON string, but is not JSON$/,
    ],
    [
      'a textblob that is no string',
      image({ textblob: { S: '[1]' } }),
      'bad-text',
      /^attribute textblob should hold a JSON string, but holds object$/,
    ],
    [
      'an unpaired surrogate',
      base64('{"text":"\\ud800"}'),
      'bad-text',
      /^attribute text has an unpaired surrogate$/,
    ],
    [
      'a text too long',
      change('a', 'x'.repeat(101)),
      'text-too-long',
      /^attribute text has 101 characters; the limit is 100$/,
    ],
    [
      'a text that is null',
      image({ text: null }),
      'bad-text',
      /^attribute text should be a string \(S\), but is no attribute value that DynamoDB can hold$/,
    ],
    [
      'a text of two types',
      image({ text: { S: 'hello', N: '1' } }),
      'bad-text',
      /^attribute text should be a string \(S\), but is no attribute value/,
    ],
    [
      'a model that is null',
      image({ ...NewImage, model_type: null }),
      'bad-text',
      /^attribute model_type should be a string .*, but is of type unknown$/,
    ],
    [
      'a key whose string is a list',
      native({ Keys: { id: { S: ['p'] } }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys should be DynamoDB attribute values of type S, N or B/,
    ],
    [
      'a key of bytes that are a number',
      native({ Keys: { id: { BS: [1] } }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys/,
    ],
    [
      'a key of two types',
      native({ Keys: { id: { S: 'a', N: '1' } }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys/,
    ],
    [
      'a key that is no number',
      native({ Keys: { id: { N: 'x' } }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys/,
    ],
    [
      'a key that is no base64',
      native({ Keys: { id: { B: '!' } }, NewImage }),
      'bad-shape',
      /^dynamodb.Keys/,
    ],
    ['a deep key', raw(`{"id":${nested(1_000)}}`), 'bad-shape', /^dynamodb.Keys/],
    [
      'deep plain JSON',
      base64(`{"id":"a","text":"x","deep":${'['.repeat(3_000)}${']'.repeat(3_000)}}`),
      'bad-shape',
      /^the record is nested more than 100 levels deep$/,
    ],
    [
      'a deep change record',
      raw('{"id":{"S":"a"}}', nested(40_000)),
      'bad-shape',
      /^the record is nested more than 100 levels deep$/,
    ],
    [
      'an unknown model',
      image({ ...NewImage, model_type: { S: 'nobody' } }),
      'unknown-model',
      /no such model/,
    ],
    [
      'a model that is no string',
      image({ ...NewImage, model_type: { N: '1' } }),
      'bad-text',
      /^attribute model_type should be a string/,
    ],
  ])('%s', async (_, data, code, reason) => {
    const rejects = memoryRejects();
    const parts = { models: toyModels(), labels: memoryLabels(), rejects, settings: SETTINGS };
    const { outcomes } = await labelBatch(streamRecords([change('x', 'good'), data]), parts, NO_DEADLINE);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['labelled', 'rejected']);
    expect(rejects.rejects).toEqual([
      expect.objectContaining({
        data,
        error: expect.objectContaining({ code, message: expect.stringMatching(reason) }),
      }),
    ]);
  });
});
