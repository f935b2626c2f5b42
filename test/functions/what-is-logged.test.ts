import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text as bodyText } from 'node:stream/consumers';
import { aggregate } from '../../src/tools/emulators/aws/kpl-aggregate.ts';
import { startClassifyStream } from '../support/classify-stream.ts';
import { startDynamoDb, type TestDynamoDb } from '../support/dynamodb.ts';
import { base64, change, kinesisEvent } from '../support/records.ts';

const SECRET = 'S3CR3T';
let dynamodb: TestDynamoDb;
let server: Server;
let endpoint: string;

/** DynamoDB, which refuses every write and says what was in it. */
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  const refuse = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await bodyText(request);
    const type = 'com.amazon.coral.validate#ValidationException';
    response.writeHead(400, {
      'x-amzn-requestid': 'REQUEST-1',
      'content-type': 'application/x-amz-json-1.0',
    });
    response.end(JSON.stringify({ __type: type, message: `not valid: ${sent}`, Message: sent }));
  };
  server = createServer((request, response) => void refuse(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await dynamodb.stop();
});

/** Records with a secret wherever somebody could have put one. */
const records = (table: string): readonly string[] => [
  change('good', `${SECRET} text`, { table }),
  change('a', '', { table, newImage: { text: { S: 'x' }, model_type: { S: SECRET } } }),
  change('b', '', { table, newImage: { text: { [SECRET]: SECRET } } }),
  change('c', '', { table, newImage: { text: SECRET.repeat(10_000) as never } }),
  change(SECRET, '', { table, newImage: { text: { N: SECRET } } }),
  base64(`{"${SECRET}": ${SECRET}`),
  base64(`{"text": ["${SECRET}"], "id": "${SECRET}"}`),
  base64(aggregate([{ partitionKey: SECRET.repeat(500), data: SECRET }])),
];

describe('the log', () => {
  it.each(['update-item', 'partiql', 'labels-table'])(
    'says nothing of records where DynamoDB quotes them, %s',
    async (store) => {
      const subject = await startClassifyStream(dynamodb, {
        AWS_ENDPOINT_URL_DYNAMODB: endpoint,
        LABEL_STORE: store,
      });
      const { batchItemFailures } = await subject.send(kinesisEvent(records(subject.documents)), 8_000);
      expect(batchItemFailures).toHaveLength(1);
      const log = subject.log.join('\n');
      expect(log).toMatch(/rejects could not be stored.*ValidationException \(request REQUEST-1\)/);
      expect(log).not.toContain(SECRET);
      expect(Math.max(...subject.log.map(({ length }) => length))).toBeLessThan(4_000);
    },
  );

  it('says nothing of records that were put aside, nor does what is stored beside them', async () => {
    const subject = await startClassifyStream(dynamodb);
    const datas = records(subject.documents);
    expect(await subject.send(kinesisEvent(datas))).toEqual({ batchItemFailures: [] });
    expect(subject.log.join('\n')).not.toContain(SECRET);
    const rejects = await dynamodb.items(subject.rejects);
    expect(rejects).toHaveLength(datas.length - 1);
    for (const { payload: _, partition_key: key, ...rest } of rejects) {
      expect(JSON.stringify(rest)).not.toContain(SECRET);
      expect(JSON.stringify(rest).length).toBeLessThan(1_500);
      expect(String(key).length).toBeLessThanOrEqual(256);
    }
  });
});
