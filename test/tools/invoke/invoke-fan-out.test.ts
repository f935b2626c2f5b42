import { localClients } from '../../../src/tools/emulators/aws/aws-clients.ts';
import { startEmulators } from '../../../src/tools/emulators/aws/emulators.ts';
import { createStream, createTables } from '../../../src/tools/emulators/aws/tables.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;

beforeAll(async () => {
  service = await copyService();
});

afterAll(() => service.remove());

const invoke = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  service.serverless(['invoke', 'local', '-f', 'fanOut', ...args], env);

/** The lines of JSON after the response. */
const lines = (stdout: string): readonly Readonly<Record<string, unknown>>[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line));

const forwarded = (event: string, id: string) =>
  expect.objectContaining({ forwarded: event, table: 'labelstream-dev-documents', keys: { id } });

const EVENT = ['-p', 'events/dynamodb-stream.json'];
const FORWARDED = [
  forwarded('INSERT', 'd-1'),
  forwarded('MODIFY', 'd-1'),
  forwarded('INSERT', 'd-2'),
  forwarded('REMOVE', 'd-2'),
];

describe('serverless invoke local -f fanOut, without an AWS account', () => {
  it.each([
    ['as serverless.yml is', []],
    ['with the parameter that deploys it', ['--param', 'fanOut=function']],
  ])(
    '%s: shows what was forwarded, and no text',
    async (_, params) => {
      const { status, stdout, stderr } = await invoke([...EVENT, ...params]);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('"batchItemFailures": []');
      expect(lines(stdout)).toEqual(FORWARDED);
      expect(stdout).not.toMatch(/taxi|hotel|PIN/);
    },
    60_000,
  );

  it('shows rejects', async () => {
    const record = {
      eventName: 'INSERT',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:123456789012:table/any/stream/2026-01-01T00:00:00.000',
      dynamodb: { NewImage: { text: { S: 'a secret' } }, SequenceNumber: '1' },
    };
    const { status, stdout } = await invoke(['-d', JSON.stringify({ Records: [record] })]);
    expect(status).toBe(0);
    expect(lines(stdout)).toEqual([expect.objectContaining({ code: 'bad-shape', sequence_number: '1' })]);
    expect(stdout).not.toMatch(/secret/);
  }, 60_000);

  it('uses the DynamoDB and Kinesis that are given, and shows of the stream what is of this event', async () => {
    const { endpoints, stop } = await startEmulators();
    const clients = localClients(endpoints);
    const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
    const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' });
    const rejects = {
      TableName: 'labelstream-dev-rejects',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [text('shard'), text('sequence_number')],
      KeySchema: [key('shard', 'HASH'), key('sequence_number', 'RANGE')],
    };
    await createTables(clients.dynamodb, { tables: { rejects } });
    await createStream(clients.kinesis, { name: 'labelstream-dev-changes', shards: 3 });
    // Twice: what is in the stream from before is not shown.
    const runs = [await invoke(EVENT, { ...endpoints }), await invoke(EVENT, { ...endpoints })];
    clients.destroy();
    await stop();
    for (const { status, stdout } of runs) {
      expect(status).toBe(0);
      expect(lines(stdout)).toEqual(FORWARDED);
    }
  }, 90_000);

  it('fails with the reason for an event of another kind, and ends', async () => {
    const { status, stdout, stderr } = await invoke(['-p', 'events/insert.json']);
    expect([status, stdout + stderr]).toEqual([
      1,
      expect.stringMatching(/expected a DynamoDB stream record/),
    ]);
  }, 60_000);
});
