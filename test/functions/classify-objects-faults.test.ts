import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ACCESS_DENIED,
  INTERNAL_ERROR,
  type S3Call,
  type S3Fault,
  SLOW_DOWN,
} from '../../src/tools/emulators/aws/s3/faults.ts';
import { startClassifyObjects, type TestObjects } from '../support/classify-objects.ts';
import { notification, sqsEvent } from '../support/object-events.ts';

const rows = (count: number, text = 'my card has not arrived') =>
  Array.from({ length: count }, (_, row) => `${JSON.stringify({ id: `r${row}`, text })}\n`).join('');

let subject: TestObjects;
let nextFault: (call: S3Call) => S3Fault | undefined = () => undefined;
beforeAll(async () => {
  subject = await startClassifyObjects(
    { OUTPUT_PREFIX: 'o/', SHARD_MB: '1' },
    { nextFault: (call) => nextFault(call) },
  );
});
afterAll(() => subject.stop());
afterEach(() => {
  nextFault = () => undefined;
  subject.log.splice(0);
  subject.events.splice(0);
});

const DONE = { batchItemFailures: [] };
const deliver = (bodies: readonly string[]) => subject.send(sqsEvent(bodies));
const logged = (message: string) =>
  subject.log
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((line) => line.message === message);
const outcomes = () => logged('object').map(({ outcome }) => outcome);
const outputOf = async (key: string, folder = '') =>
  Object.entries(await subject.outputs()).find(([name]) => name.endsWith(`${folder}/${key}.out`))?.[1];

describe('classifyObjects, where S3 is not well', () => {
  const each =
    (fault: S3Fault) =>
    (times: number, operation: string): void => {
      const left = new Map<string, number>();
      nextFault = (call) => {
        if (call.operation !== operation) return undefined;
        const name = `${call.bucket}/${call.key}`;
        const count = left.get(name) ?? times;
        left.set(name, count - 1);
        return count > 0 ? fault : undefined;
      };
    };

  it.each([
    ['connections are cut in the middle of a body', 'GetObject', { kind: 'cut', bytes: 100_000 }],
    ['it is asked to slow down while it reads', 'GetObject', SLOW_DOWN],
    ['it is asked to slow down while it writes', 'PutObject', SLOW_DOWN],
    ['it fails', 'PutObject', INTERNAL_ERROR],
    ['an answer is lost', 'PutObject', { kind: 'droppedAfter' }],
  ] as const)('writes what it would otherwise, where %s', async (name, operation, fault) => {
    const body = rows(5_000);
    await subject.put('quiet.jsonl', body);
    await subject.put(`${name}.jsonl`, body);
    const [quiet = '', troubled = ''] = subject.events;
    expect(await deliver([quiet])).toEqual(DONE);
    each(fault)(1, operation);
    expect(await deliver([troubled])).toEqual(DONE);
    nextFault = () => undefined;
    expect(outcomes().at(-1)).toBe('done');
    const output = await outputOf(`${name}.jsonl`);
    expect(output?.split('\n')).toHaveLength(5_001);
    expect(output).toBe(await outputOf('quiet.jsonl'));
  });
});

describe('an object that cannot be had', () => {
  let others = 0;
  /** A message about it, beside one about another object, which is classified. */
  const besideOther = async (message: string) => {
    await subject.put(`other-${(others += 1)}.jsonl`, rows(1));
    return deliver([message, subject.events.at(-1) ?? '']);
  };

  it('that was replaced between two of its shards has only the output of what it is now', async () => {
    await subject.put('replaced.jsonl', rows(40_000));
    const [event = ''] = subject.events;
    expect(await deliver([event])).toEqual(DONE);
    const [first = '', ...later] = await subject.received();
    expect(await deliver([first])).toEqual(DONE);
    await subject.put('replaced.jsonl', rows(2));
    expect(await deliver([...later, subject.events.at(-1) ?? ''])).toEqual(DONE);
    expect(outcomes()).toEqual(['planned', 'partial', 'superseded', 'done']);
    expect((await outputOf('replaced.jsonl'))?.split('\n')).toHaveLength(3);
    const made = Object.keys(await subject.outputs());
    expect(made.filter((key) => key.endsWith('replaced.jsonl.out'))).toHaveLength(1);
    expect(made.filter((key) => key.includes('.parts/'))).toEqual([]);
  });

  it('that was deleted before it is read is left alone', async () => {
    await subject.put('deleted.jsonl', rows(1));
    const [event = ''] = subject.events;
    await subject.s3.send(new DeleteObjectCommand({ Bucket: 'texts', Key: 'deleted.jsonl' }));
    expect(await besideOther(event)).toEqual(DONE);
    expect(outcomes()).toEqual(['superseded', 'done']);
    expect(await outputOf('deleted.jsonl')).toBeUndefined();
  });

  const OTHERS_DONE = { batchItemFailures: [{ itemIdentifier: 'message-0' }] };

  it('because a permission is missing goes back to the queue, with what to allow', async () => {
    await subject.put('denied.jsonl', rows(1));
    const [event = ''] = subject.events;
    nextFault = ({ key }) => (key === 'denied.jsonl' ? ACCESS_DENIED : undefined);
    expect(await besideOther(event)).toEqual(OTHERS_DONE);
    expect(outcomes()).toEqual(['failed', 'done']);
    expect(logged('failed')).toMatchObject([
      { reason: expect.stringMatching(/s3:\/\/texts\/denied\.jsonl is not allowed.*allow s3:GetObject/) },
    ]);
    expect(await outputOf('denied.jsonl')).toBeUndefined();
  });

  it('because its bucket is in another Region goes back to the queue, with that Region', async () => {
    const { region: _, ...config } = subject.s3.config;
    const there = new S3Client({
      ...{ endpoint: process.env.AWS_ENDPOINT_URL_S3 ?? '', forcePathStyle: true },
      ...{ region: 'eu-west-1', credentials: config.credentials },
    });
    const Bucket = 'in-ireland';
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
    await there.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    await there.send(new PutObjectCommand({ Bucket, Key: 'a.jsonl', Body: rows(1) }));
    there.destroy();
    const message = JSON.stringify(notification([{ bucket: Bucket, key: 'a.jsonl' }]));
    expect(await besideOther(message)).toEqual(OTHERS_DONE);
    expect(outcomes()).toEqual(['failed', 'done']);
    expect(logged('failed')).toMatchObject([
      { reason: expect.stringMatching(/in-ireland is in eu-west-1.*set AWS_REGION/) },
    ]);
  });
});

it.each(['../up/./x.jsonl', '/a//b.jsonl', 'a b+c ü/\u{1F600} 100%.jsonl'])(
  'an object with the key %s is classified under this key',
  async (key) => {
    await subject.put(key, rows(2));
    expect(await deliver(subject.events)).toEqual(DONE);
    expect(outcomes()).toEqual(['done']);
    expect((await outputOf(key))?.split('\n')).toHaveLength(3);
  },
);
