import { startDynamoDb } from '../../support/dynamodb.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;

beforeAll(async () => {
  service = await copyService({ models: ['banking77-tfidf'] });
});

afterAll(() => service.remove());

const invoke = (...args: string[]) =>
  service.serverless(['invoke', 'local', '-f', 'classifyStream', ...args]);

/** The lines of JSON after the response. */
const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line));

describe('serverless invoke local, without an AWS account', () => {
  // A process that is left behind would keep standard error open, and the run would not end.
  it('shows the response and the labels that were written', async () => {
    const args = ['invoke', 'local', '-f', 'classifyStream', '-p', 'events/kinesis-dynamodb.json'];
    const { status, stdout, stderr } = await service.spawnServerless(args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('"batchItemFailures": []');
    expect(lines(stdout)).toContainEqual({
      id: 'm-1',
      label: 'card_arrival',
      label_score: expect.any(Number),
      label_model: 'banking77-tfidf@1',
      label_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }, 30_000);

  it('shows labels and rejects of a batch with poison in it, from the labels table', async () => {
    const { status, stdout } = await invoke('-p', 'events/poison.json', '--param', 'labelStore=labels-table');
    expect(status).toBe(0);
    expect(lines(stdout)).toContainEqual(
      expect.objectContaining({ item: expect.any(String), label: expect.any(String) }),
    );
    expect(lines(stdout)).toContainEqual(
      expect.objectContaining({ code: 'bad-json', payload_characters: expect.any(Number) }),
    );
  }, 30_000);

  it('uses the DynamoDB that AWS_ENDPOINT_URL_DYNAMODB names, and changes no more in it than the function does', async () => {
    const dynamodb = await startDynamoDb();
    const TableName = 'labelstream-dev-documents';
    await dynamodb.createNamedTable(TableName, ['id']);
    await dynamodb.put(TableName, { id: 'm-2', text: 'How do I change my PIN?' });
    // It stands for a DynamoDB of anybody's; this one has no PartiQL.
    const args = ['invoke', 'local', '-f', 'classifyStream', '-p', 'events/insert.json'];
    args.push('--param', 'labelStore=update-item');
    const { status, stdout } = await service.serverless(args, { ...dynamodb.emulators.endpoints });
    const items = await dynamodb.items(TableName);
    await dynamodb.stop();
    expect(status).toBe(0);
    expect(lines(stdout)).toEqual([expect.objectContaining({ id: 'm-2', label: 'change_pin' })]);
    expect(items).toEqual([expect.objectContaining({ id: 'm-2', label: 'change_pin' })]);
  }, 30_000);

  it.each([
    ['an event of another kind', ['-d', '{}'], /no Records: expected an event of a Kinesis stream/],
    [
      'an unknown model',
      ['-p', 'events/insert.json', '--param', 'model=nope'],
      /default model nope not found/,
    ],
    [
      'an unknown parameter value',
      ['-p', 'events/insert.json', '--param', 'aws=on'],
      /aws is "on": use offline or live/,
    ],
  ])(
    'fails with the reason for %s, and ends',
    async (_, args, reason) => {
      const { status, stdout, stderr } = await invoke(...args);
      expect([status, stdout + stderr]).toEqual([1, expect.stringMatching(reason)]);
    },
    30_000,
  );
});
