import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { join } from 'node:path';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import { s3World, type S3World } from '../support/embedded-s3.ts';
import { spawnProgram } from '../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let s3: S3World;
beforeAll(async () => {
  s3 = await s3World(['texts', 'labels', 'empty']);
  const lines = (name: string, count: number) =>
    Array.from(
      { length: count },
      (_, index) => `{"id":"${name}${index}","text":"I lost my card ${index}"}\n`,
    ).join('');
  const objects = {
    // Three shards.
    'in/large.jsonl': lines('l', 60_000),
    'in/a b+ü.jsonl': lines('s', 3),
    'in/table.csv': 'id,text\n1,exchange rate\n',
    'in/old.jsonl.out': 'an output',
    'in/picture.png': 'none of ours',
    'other/x.jsonl': lines('x', 1),
    'list.txt': 's3://texts/other/x.jsonl\n{"bucket":"texts","key":"in/table.csv"}\ns3://texts/gone.jsonl\n',
    'bad-list.txt': 'texts/other/x.jsonl\n',
  };
  for (const [Key, Body] of Object.entries(objects))
    await s3.client.send(new PutObjectCommand({ Bucket: 'texts', Key, Body }));
});
afterAll(() => s3.stop());

interface Line extends Readonly<Record<string, unknown>> {
  readonly message: string;
}

/** A process of a job, with what it logs. */
const child = async (env: Readonly<Record<string, string>>) => {
  const { status, stdout, stderr } = await spawnProgram({
    file: join(ROOT, 'src', 'main.ts'),
    args: ['job', 'classify-objects'],
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      ORT_DISABLE_TELEMETRY: '1',
      MODELS_DIR: join(ROOT, 'models'),
      MODEL: 'banking77-tfidf',
      OUTPUT_BUCKET: 'labels',
      SHARD_MB: '1',
      WORKERS: '1',
      ...env,
    },
  });
  const logged = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return { status, stderr, logged, line: (message: string) => logged.find((one) => one.message === message) };
};
const outputs = async (prefix: string): Promise<readonly string[]> => {
  const { Contents = [] } = await s3.client.send(
    new ListObjectsV2Command({ Bucket: 'labels', Prefix: prefix }),
  );
  return Contents.map(({ Key = '' }) => Key.slice(prefix.length));
};

describe('the job that classifies objects', () => {
  it('is shared by the children of an array job: each does its part of one plan, the last one the rest', async () => {
    const job = { INPUT: 's3://texts/in/', OUTPUT_PREFIX: 'array/', AWS_BATCH_JOB_ARRAY_SIZE: '2' };
    const of = (index: number) => ({
      ...job,
      AWS_BATCH_JOB_ID: `1234:${index}`,
      AWS_BATCH_JOB_ARRAY_INDEX: String(index),
    });
    const first = await child(of(0));
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.line('planned')).toMatchObject({ objects: 3, skipped: 2, shards: 5, share: 3, faults: 0 });
    // It is none of the plan that the others have.
    const Key = 'in/late.jsonl';
    await s3.client.send(new PutObjectCommand({ Bucket: 'texts', Key, Body: '{"text":"late"}\n' }));
    const second = await child(of(1));
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(second.line('planned')).toMatchObject({ objects: 3, shards: 5, share: 2 });
    const written = await outputs('array/banking77-tfidf@1/');
    for (const name of ['large.jsonl', 'a b+ü.jsonl', 'table.csv'])
      for (const ending of ['.out', '.manifest.json'])
        expect(written).toContainEqual(
          expect.stringMatching(new RegExp(`/in/${name.replace('+', '\\+')}${ending}$`)),
        );
    expect(written).toHaveLength(6);
    // Only the plan is left of what was there on the way.
    expect(await outputs('array/.parts/')).toEqual(['jobs/1234.jsonl']);
    const large = written.find((name) => name.endsWith('large.jsonl.out')) ?? '';
    const got = await s3.client.send(
      new GetObjectCommand({ Bucket: 'labels', Key: `array/banking77-tfidf@1/${large}` }),
    );
    const lines = ((await got.Body?.transformToString()) ?? '').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { recordId: string }).recordId)).toEqual(
      Array.from({ length: 60_000 }, (_, index) => `l${index}`),
    );
    // A child that is tried again has nothing to do.
    const again = await child(of(1));
    expect(again.status).toBe(0);
    expect(again.line('summary')).toMatchObject({ texts: 0, failed: 0 });
  });

  it('takes a list of objects, and exits with 1 where one is not there, after the others are done', async () => {
    const { status, line } = await child({ INPUT_LIST: 's3://texts/list.txt', OUTPUT_PREFIX: 'list/' });
    expect(status).toBe(1);
    expect(line('object')).toMatchObject({ bucket: 'texts', key: 'gone.jsonl' });
    expect(line('summary')).toMatchObject({ objects: 2, failed: 1, counts: { lines: 2, labelled: 2 } });
    expect(await outputs('list/')).toHaveLength(4);
  });

  it.each([
    ['no input', {}, /one of INPUT and INPUT_LIST is needed/, 2],
    [
      'an index that no child has',
      { INPUT: 's3://texts/in/', AWS_BATCH_JOB_ARRAY_INDEX: '1' },
      /is not below/,
      2,
    ],
    ['a list that is none', { INPUT_LIST: 's3://texts/bad-list.txt' }, /bad-list.txt: line 1 is neither/, 2],
    ['a bucket that is not there', { INPUT: 's3://no-such-bucket/x' }, /no-such-bucket/, 1],
    ['a model that is not there', { INPUT: 's3://texts/in/', MODEL: 'none' }, /model none not found/, 2],
  ])('says what is wrong, for %s', async (_, env, reason, expected) => {
    const { status, line } = await child({ OUTPUT_PREFIX: 'wrong/', ...env });
    expect(line('job')?.reason).toMatch(reason);
    expect(status).toBe(expected);
    expect(await outputs('wrong/')).toEqual([]);
  });
});
