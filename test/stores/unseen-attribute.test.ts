import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { labelWrite, MODEL } from '../support/documents.ts';

/** A DynamoDB that fails every condition, with this item. */
const failing = async (item: string) => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () =>
      response
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
        .end(
          `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":${item}}`,
        ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'x',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return {
    store: updateItemLabels(client, { table: 't' }),
    [Symbol.dispose]: () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};

// The SDK gives the name, without the value.
describe('a failed condition of an item with an attribute __proto__', () => {
  it('is superseded where the item holds another text', async () => {
    using subject = await failing('{"text":{"S":"newer"},"__proto__":{"S":"x"}}');
    expect(await subject.store.put([labelWrite('a', 'hello', 'x')])).toMatchObject([{ kind: 'superseded' }]);
  });

  it('is unchanged where it is a label, and all else is there', async () => {
    const marks = `"__proto___model":{"S":"${MODEL.id}"},"__proto___hash":{"S":"${sha256('hello')}"}`;
    using subject = await failing(`{"text":{"S":"hello"},"__proto__":{"S":"x"},${marks}}`);
    const write = labelWrite('a', 'hello', 'x', { ...MODEL, attribute: '__proto__' });
    expect(await subject.store.put([write])).toMatchObject([{ kind: 'unchanged' }]);
  });
});
