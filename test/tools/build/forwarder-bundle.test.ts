import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../../../src/tools/build/bundle.ts';
import { FORWARD_KINDS } from '../../../src/streams/forward/target.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What the client of each destination has, and no other. */
const OPERATIONS = {
  eventbridge: 'PutEvents',
  sqs: 'SendMessageBatch',
  sns: 'PublishBatch',
  kinesis: 'PutRecords',
  firehose: 'PutRecordBatch',
  lambda: 'RequestTooLargeException',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelstream-forwarder-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the bundle of classifyStream', () => {
  it.each(['none', ...FORWARD_KINDS] as const)('has, forwarding to %s, no other client', async (forward) => {
    const { file } = await buildBundle(ROOT, join(folder, forward), { forward });
    const text = await readFile(file, 'utf8');
    const present = FORWARD_KINDS.filter((kind) => new RegExp(`\\b${OPERATIONS[kind]}\\b`).test(text));
    expect(present).toEqual(forward === 'none' ? [] : [forward]);
  });
});
