import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_CREDENTIALS, localClients } from '../../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../../src/tools/emulators/aws/emulators.ts';
import { createStream, createTables } from '../../../src/tools/emulators/aws/tables.ts';
import { type FaultProxy, startFaultProxy } from '../../../src/tools/chaos/fault-proxy.ts';
import { countedFaults, type Fault, plannedFaults, randomFaults } from '../../../src/tools/chaos/faults.ts';
import { partialCall } from '../../../src/tools/chaos/partial-answers.ts';
import { scan } from '../../../src/tools/invoke/inspect.ts';

const TABLE = 'documents';

let emulators: Emulators;
let direct: ReturnType<typeof localClients>;
let proxies: FaultProxy[] = [];

beforeAll(async () => {
  emulators = await startEmulators();
  direct = localClients(emulators.endpoints);
  await createTables(direct.dynamodb, {
    tables: {
      [TABLE]: {
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      },
    },
  });
  await createStream(direct.kinesis, { name: 'changes', shards: 1 });
});
afterAll(async () => {
  direct.destroy();
  await emulators.stop();
});
afterEach(async () => {
  await Promise.all(proxies.map(({ stop }) => stop()));
  proxies = [];
});

/** Clients that try a call once, behind proxies with these faults. */
const behind = async (...plan: (Fault | undefined)[]) => {
  const nextFault = plannedFaults(plan);
  const dynamodb = await startFaultProxy(emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB ?? '', { nextFault });
  const kinesis = await startFaultProxy(emulators.endpoints.AWS_ENDPOINT_URL_KINESIS ?? '', { nextFault });
  proxies.push(dynamodb, kinesis);
  const base = { region: 'us-east-1', credentials: LOCAL_CREDENTIALS, maxAttempts: 1 };
  return {
    dynamodb: new DynamoDBClient({ ...base, endpoint: dynamodb.endpoint }),
    kinesis: new KinesisClient({
      ...base,
      endpoint: kinesis.endpoint,
      requestHandler: new NodeHttpHandler(),
    }),
    settled: dynamodb.settled,
  };
};

const item = (id: string) => ({ id: { S: id } });
const put = (id: string) => new PutItemCommand({ TableName: TABLE, Item: item(id) });

const ids = async (): Promise<readonly (string | undefined)[]> => {
  const found: (string | undefined)[] = [];
  for await (const { id } of scan(direct.dynamodb, TABLE)) found.push(id?.S);
  return found;
};

describe('fault proxy', () => {
  it.each<[Fault, RegExp, boolean]>([
    ['throttled', /^(ThrottlingException|ProvisionedThroughputExceededException)$/, false],
    ['internal', /^InternalServerError$/, false],
    ['dropped', /^(Error|TimeoutError)$/, false],
    ['droppedAfter', /^(Error|TimeoutError)$/, true],
    ['late', /^(Error|TimeoutError)$/, true],
  ])('%s: the caller hears %s; the write was made: %s', async (fault, name, made) => {
    const { dynamodb, settled } = await behind(fault);
    await expect(dynamodb.send(put(fault))).rejects.toMatchObject({ name: expect.stringMatching(name) });
    await settled();
    expect((await ids()).includes(fault)).toBe(made);
    // What comes after the plan, goes well.
    await dynamodb.send(put(`${fault} again`));
    expect(await ids()).toContain(`${fault} again`);
  });

  it('leaves items of BatchWriteItem unprocessed', async () => {
    const { dynamodb } = await behind('unprocessed');
    const writes = ['u0', 'u1', 'u2'].map((id) => ({ PutRequest: { Item: item(id) } }));
    const answer = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: writes } }));
    expect(answer.UnprocessedItems).toEqual({ [TABLE]: [writes[0], writes[2]] });
    expect((await ids()).filter((id) => id?.startsWith('u'))).toEqual(['u1']);
  });

  it('fails records of PutRecords, at their positions', async () => {
    const { kinesis } = await behind('unprocessed');
    const Records = ['a', 'b', 'c'].map((PartitionKey) => ({ PartitionKey, Data: Buffer.from('x') }));
    const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'changes', Records }));
    expect(answer.FailedRecordCount).toBe(2);
    expect(answer.Records?.map(({ ErrorCode }) => ErrorCode !== undefined)).toEqual([true, false, true]);
  });

  it('fails single statements of BatchExecuteStatement, at their positions', () => {
    const part = partialCall('BatchExecuteStatement', { Statements: [1, 2, 3, 4] });
    expect(part?.request).toEqual({ Statements: [2, 4] });
    const throttled = { Error: expect.objectContaining({ Code: 'ThrottlingError' }) };
    expect(part?.answer({ Responses: [{ n: 2 }, { n: 4 }] })).toEqual({
      Responses: [throttled, { n: 2 }, throttled, { n: 4 }],
    });
  });
});

describe('random faults', () => {
  it('are the same for the same seed, as frequent as asked for, and counted', () => {
    const draw = (seed: number) => {
      const faults = countedFaults(randomFaults(seed, { throttled: 0.1, unprocessed: 0.1 }));
      const drawn = Array.from({ length: 2_000 }, () => faults.next('UpdateItem'));
      return { drawn, counts: faults.counts() };
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).drawn).not.toEqual(draw(2).drawn);
    const { throttled, unprocessed } = draw(1).counts;
    expect(throttled).toBeGreaterThan(150);
    expect(throttled).toBeLessThan(250);
    // UpdateItem leaves nothing unprocessed.
    expect(unprocessed).toBe(0);
  });
});
