import { PermanentError, TransientError } from '../../../src/errors.ts';
import { decode } from '../../../src/pipeline/records/decode.ts';
import { contentHash, sha256 } from '../../../src/tasks/content-hash.ts';
import type { AttributeMap } from '../../../src/dynamodb-json/attributes.ts';
import { type DynamoDbRecord, toTableChanges } from '../../../src/pipeline/records/dynamodb-event.ts';
import { fanOutBatch } from '../../../src/pipeline/fan-out/fan-out-batch.ts';
import { isOwnLabelWrite } from '../../../src/pipeline/fan-out/own-write.ts';
import type { OutgoingRecord, PutResult } from '../../../src/pipeline/destinations.ts';
import { textAttribute } from '../../../src/tasks/item-text.ts';
import { memoryRejects, NO_DEADLINE } from '../../support/fakes.ts';
import { base64, change, removal } from '../../support/records.ts';
import { dynamoDbEvent, SECONDS, sequenceNumber, tableChange } from '../../support/table-changes.ts';

const settings = { textAttributes: [textAttribute('text')], deadlineMarginMs: 100 };

const run = async (
  records: readonly DynamoDbRecord[],
  answer: (record: OutgoingRecord) => PutResult = () => ({ kind: 'forwarded' }),
  rejects = memoryRejects(),
) => {
  const sent: OutgoingRecord[] = [];
  const stream = {
    put: async (records: readonly OutgoingRecord[]) => {
      sent.push(...records);
      return records.map(answer);
    },
  };
  const changes = toTableChanges(dynamoDbEvent(records));
  const outcomes = await fanOutBatch(changes, { stream, rejects, settings }, NO_DEADLINE);
  return { kinds: outcomes.map(({ kind }) => kind), outcomes, sent, rejects: rejects.rejects };
};

/** The native record of the same change decodes to this, but for the time, of which DynamoDB Streams has seconds. */
const natively = (data: string) => decode(Buffer.from(data, 'base64'));

describe('fanOutBatch', () => {
  const createdMicros = SECONDS * 1_000_000;
  const binary = { Keys: { id: { B: 'AAE=' } }, NewImage: { id: { B: 'AAE=' }, text: { S: 'x' } } };
  const images = { NewImage: { id: { S: 'a' }, text: { S: 'new' } }, OldImage: { text: { S: 'old' } } };
  const removed = { NewImage: undefined, OldImage: { id: { S: 'a' }, text: { S: 'gone' } } };
  it.each([
    ['an insert', tableChange('a', 'café ☕'), change('a', 'café ☕', { createdMicros })],
    [
      'a modification',
      tableChange('a', '', { eventName: 'MODIFY', dynamodb: images }),
      change('a', '', {
        eventName: 'MODIFY',
        newImage: images.NewImage,
        oldImage: images.OldImage,
        createdMicros,
      }),
    ],
    [
      'a removal',
      tableChange('a', '', { eventName: 'REMOVE', dynamodb: removed }),
      removal('a', 'gone', createdMicros),
    ],
    [
      'a binary key',
      tableChange('', '', { dynamodb: binary }),
      change('', '', { keys: binary.Keys, newImage: binary.NewImage, createdMicros }),
    ],
  ])(
    'forwards %s as what the native record decodes to, with its sequence number',
    async (_, record, data) => {
      const { kinds, sent } = await run([record]);
      expect(kinds).toEqual(['forwarded']);
      expect(decode(sent[0]?.data ?? Buffer.of())).toEqual({
        ...natively(data),
        changeNumber: BigInt(sequenceNumber(0)),
      });
    },
  );

  it('keeps who deleted an item, and all else that a native record says', async () => {
    const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
    const { sent } = await run([tableChange('a', 'x', { userIdentity }), tableChange('b', 'x')]);
    const [ttl, own] = sent.map(({ data }) => JSON.parse(String(data)));
    expect(ttl.userIdentity).toEqual(userIdentity);
    const native = JSON.parse(Buffer.from(change('b', 'x'), 'base64').toString());
    expect(Object.keys(own).toSorted()).toEqual(Object.keys(native).toSorted());
    expect(own).toMatchObject({ userIdentity: null, tableName: 'documents', eventSource: 'aws:dynamodb' });
  });

  it('gives an item one partition key, whatever the order of its key attributes', async () => {
    const keyed = (Keys: object) => tableChange('', 'x', { dynamodb: { Keys } });
    const { sent } = await run([
      keyed({ a: { S: '1' }, b: { N: '2' } }),
      keyed({ b: { N: '2' }, a: { S: '1' } }),
      keyed({ a: { S: '2' }, b: { N: '1' } }),
    ]);
    const keys = sent.map(({ partitionKey }) => partitionKey);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('leaves out the old image of what would be too large, and rejects what still is', async () => {
    const image = (characters: number) => ({ id: { S: 'a' }, text: { S: 'x'.repeat(characters) } });
    const { kinds, sent, rejects } = await run([
      tableChange('a', '', { dynamodb: { NewImage: image(600_000), OldImage: image(500_000) } }),
      tableChange('b', '', { dynamodb: { NewImage: image(1_100_000) } }),
      tableChange('c', 'x', { dynamodb: { Keys: {} } }),
    ]);
    expect(kinds).toEqual(['forwarded', 'rejected', 'rejected']);
    expect(JSON.parse(String(sent[0]?.data)).dynamodb.OldImage).toBeUndefined();
    expect(rejects.map(({ error, sequenceNumber: number, shard }) => [error.code, number, shard])).toEqual([
      ['record-too-large', sequenceNumber(1), 'documents/stream/2026-01-01T00:00:00.000'],
      ['bad-shape', sequenceNumber(2), 'documents/stream/2026-01-01T00:00:00.000'],
    ]);
    // What is kept is a change that can be labelled without passing through the stream.
    expect(decode(Buffer.from(rejects[0]?.data ?? '', 'base64'))).toMatchObject({ keys: { id: { S: 'b' } } });
  });

  it('puts aside what the stream refuses for good', async () => {
    const refused = { kind: 'rejected', error: new PermanentError('write-refused', 'refused') } as const;
    const answers: PutResult[] = [refused, { kind: 'forwarded' }];
    const records = [tableChange('a', 'one'), tableChange('b', 'two')];
    const { kinds, rejects } = await run(records, () => answers.shift() ?? refused);
    expect([kinds, rejects.length]).toEqual([['rejected', 'forwarded'], 1]);
  });

  it('keeps in the stream what can be neither forwarded nor stored', async () => {
    const tooLarge = tableChange('b', 'x'.repeat(1_100_000));
    const rejects = Object.assign(memoryRejects(), { failing: true });
    const failed: PutResult = { kind: 'failed', error: new TransientError('throttled') };
    const { kinds } = await run([tableChange('a', 'x'), tooLarge], () => failed, rejects);
    expect(kinds).toEqual(['failed', 'failed']);
  });
});

describe('isOwnLabelWrite', () => {
  const label = (text: string) => ({
    label: { S: 'greeting' },
    label_score: { N: '0.9' },
    label_model: { S: 'toy@1' },
    label_hash: { S: sha256(text) },
  });
  const text = { text: { S: 'hi' } };
  const intent = { intent: { S: 'x' }, intent_score: { N: '1' }, intent_model: { S: 'i@1' } };
  const other = { intent_hash: { S: sha256('hi') } };
  it.each([
    [true, 'a first label', text, { ...text, ...label('hi') }],
    [true, 'a new label of a new text', { ...text, ...label('old') }, { ...text, ...label('hi') }],
    [
      true,
      'a label of another model',
      { ...text, ...label('hi') },
      { ...text, ...label('hi'), ...intent, ...other },
    ],
    [
      true,
      'labels of two models at once, with what they say besides',
      { ...text, ...label('old'), label_by: { S: 'small@1' }, label_list: { L: [] } },
      {
        ...{ ...text, ...label('hi'), label_truncated: { BOOL: true } },
        ...{ ...intent, ...other, intent_list: { L: [{ M: { label: { S: 'x' } } }] } },
      },
    ],
    [
      false,
      'labels of two models of which one is of another text',
      { ...text, ...intent, intent_hash: { S: sha256('old') } },
      { ...text, ...label('hi'), ...intent, intent: { S: 'y' }, intent_hash: { S: sha256('old') } },
    ],
    [
      false,
      'another choice of models',
      { ...text, ...label('hi') },
      { ...text, ...label('hi'), model_type: { S: 'x' } },
    ],
    [false, 'what a label that is not there says besides', text, { ...text, label_by: { S: 'small@1' } }],
    [false, 'a new text', { text: { S: 'old' }, ...label('hi') }, { ...text, ...label('hi') }],
    [false, 'a label of another text', text, { ...text, ...label('old') }],
    [false, 'a label that lacks an attribute', text, { ...text, ...other, intent: { S: 'x' } }],
    [false, 'a label that was taken away', { ...text, ...label('hi') }, text],
    [false, 'an edit beside the label', text, { ...text, ...label('hi'), channel: { S: 'app' } }],
    [false, 'an attribute taken away', { ...text, channel: { S: 'app' } }, { ...text, ...label('hi') }],
    [false, 'an item without a text', {}, label('hi')],
  ])('is %s for %s', (expected, _, OldImage, NewImage) => {
    const record = tableChange('a', '', { eventName: 'MODIFY', dynamodb: { NewImage, OldImage } });
    expect(isOwnLabelWrite(record, settings)).toBe(expected);
  });

  it('knows pairs of texts where they are configured', () => {
    const pair = { ...text, premise: { S: 'there' } };
    const change = (hash: string) => {
      const NewImage = { ...pair, ...label('hi'), label_hash: { S: hash } };
      return tableChange('a', '', { eventName: 'MODIFY', dynamodb: { NewImage, OldImage: pair } });
    };
    const pairs = { ...settings, textPairAttribute: textAttribute('premise') };
    expect(isOwnLabelWrite(change(sha256('["hi","there"]')), pairs)).toBe(true);
    expect(isOwnLabelWrite(change(sha256('hi')), pairs)).toBe(false);
    expect(isOwnLabelWrite(change(sha256('hi')), settings)).toBe(true);
  });

  it('knows answers to questions, of an item with a text, too', () => {
    const asks = { ...text, question: { S: 'Who?' }, context: { S: 'Ada did.' } };
    const answered = (hash: string) => ({
      ...{
        answer: { S: 'Ada' },
        answer_score: { N: '0.5' },
        answer_start: { N: '0' },
        answer_end: { N: '3' },
      },
      ...{ answer_model: { S: 'reader@1' }, answer_hash: { S: hash } },
    });
    const own = contentHash('Who?', 'Ada did.');
    const write = (OldImage: AttributeMap, NewImage: AttributeMap) =>
      isOwnLabelWrite(
        tableChange('a', '', { eventName: 'MODIFY', dynamodb: { NewImage, OldImage } }),
        settings,
      );
    expect(write(asks, { ...asks, ...answered(own) })).toBe(true);
    expect(write(asks, { ...asks, ...answered(own), ...label('hi') })).toBe(true);
    expect(write({ ...asks, ...answered('former') }, { ...asks, ...answered(own) })).toBe(true);
    const { text: _, ...only } = asks;
    expect(write(only, { ...only, ...answered(own) })).toBe(true);
    expect(write(asks, { ...asks, ...answered('former') })).toBe(false);
    expect(write({ ...asks, question: { S: 'When?' } }, { ...asks, ...answered(own) })).toBe(false);
    expect(write(asks, { ...asks, answer_end: { N: '3' } })).toBe(false);
  });

  it('is false for an insert, and where the stream has no old images', () => {
    const dynamodb = { NewImage: { ...text, ...label('hi') } };
    for (const eventName of ['INSERT', 'MODIFY']) {
      expect(isOwnLabelWrite(tableChange('a', '', { eventName, dynamodb }), settings)).toBe(false);
    }
  });
});

describe('toTableChanges', () => {
  it.each([
    [{}, /no Records: expected an event of a DynamoDB stream/],
    [{ Records: [{ body: 'SQS' }] }, /Records\[0\] lacks/],
    [{ Records: [{ kinesis: { data: base64('{}') } }] }, /Records\[0\] lacks/],
    [{ Records: [tableChange('a', 'x')] }, /Records\[0\] lacks/],
  ])('refuses an event of another kind (%#)', (event, message) => {
    expect(() => toTableChanges(event as never)).toThrow(message);
  });
});
