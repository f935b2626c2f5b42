import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateStreamCommand, ListShardsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { localClients } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { objectClients } from '../../../../src/tools/emulators/aws/object-clients.ts';
import type { CreatedObject } from '../../../../src/tools/emulators/aws/s3/events.ts';
import { startEmulators } from '../../../../src/tools/emulators/aws/emulators.ts';

const EMULATORS = join(import.meta.dirname, '../../../../src/tools/emulators/aws/emulators.ts');

const refuses = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint);
    return false;
  } catch {
    return true;
  }
};

const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It has not come true in five seconds');
};

describe('startEmulators', () => {
  it('serves DynamoDB and Kinesis to the AWS SDK until it is stopped', async () => {
    const emulators = await startEmulators();
    const { dynamodb, kinesis, destroy } = localClients(emulators.endpoints);
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'things',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'a' } } }));
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: 'things', Key: { id: { S: 'a' } } }),
    );
    expect(Item).toEqual({ id: { S: 'a' } });

    await kinesis.send(new CreateStreamCommand({ StreamName: 'changes', ShardCount: 20 }));
    await eventually(async () => {
      const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: 'changes' }));
      return Shards?.length === 20;
    });
    const { FailedRecordCount } = await kinesis.send(
      new PutRecordsCommand({
        StreamName: 'changes',
        Records: [{ PartitionKey: 'a', Data: Buffer.from('x') }],
      }),
    );
    expect(FailedRecordCount).toBe(0);

    destroy();
    await emulators.stop();
    await emulators.stop();
    expect(await refuses(emulators.endpoints.AWS_ENDPOINT_URL_DYNAMODB ?? '')).toBe(true);
    expect(await refuses(emulators.endpoints.AWS_ENDPOINT_URL_KINESIS ?? '')).toBe(true);
  });

  it('starts only the services asked for', async () => {
    const emulators = await startEmulators({ services: ['kinesis'] });
    expect(Object.keys(emulators.endpoints)).toEqual(['AWS_ENDPOINT_URL_KINESIS']);
    await emulators.stop();
  });

  it('starts S3 and SQS where they are asked for, and tells of objects', async () => {
    const created: CreatedObject[] = [];
    const emulators = await startEmulators({
      services: ['s3', 'sqs'],
      onCreated: (object) => created.push(object),
    });
    expect(Object.keys(emulators.endpoints)).toEqual(['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS']);
    const { s3, sqs, destroy } = objectClients(emulators.endpoints);
    await s3.send(new CreateBucketCommand({ Bucket: 'a-bucket' }));
    await s3.send(new PutObjectCommand({ Bucket: 'a-bucket', Key: 'a key', Body: 'hello' }));
    await eventually(async () => created.length === 1);
    expect(created).toMatchObject([{ bucket: 'a-bucket', key: 'a key', size: 5, reason: 'PutObject' }]);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'a-queue' }));
    // Functions call the URL of a queue as it is.
    expect(QueueUrl).toMatch(`${emulators.endpoints.AWS_ENDPOINT_URL_SQS}/`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    destroy();
    await emulators.stop();
    await emulators.stop();
    expect(await refuses(emulators.endpoints.AWS_ENDPOINT_URL_S3 ?? '')).toBe(true);
    expect(await refuses(emulators.endpoints.AWS_ENDPOINT_URL_SQS ?? '')).toBe(true);
  });

  it('does not outlive a parent that is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--no-warnings',
        '--input-type=module',
        '-e',
        `const { startEmulators } = await import(${JSON.stringify(EMULATORS)});
         const { endpoints } = await startEmulators({ services: ['dynamodb', 's3'] });
         console.log(endpoints.AWS_ENDPOINT_URL_DYNAMODB);
         setInterval(() => {}, 1000);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(parent.stdout, 'data');
    const endpoint = String(line).trim();
    expect(await refuses(endpoint)).toBe(false);
    parent.kill('SIGKILL');
    await eventually(() => refuses(endpoint));
  });
});
