import { Readable } from 'node:stream';
import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LOCAL_CREDENTIALS } from '../../emulators/aws/aws-clients.ts';
import type { Send } from './memory-dynamodb.ts';

type Commands = Readonly<Record<string, new (input: never) => object>>;

const COMMANDS: Commands = {
  BatchExecuteStatement: BatchExecuteStatementCommand,
  BatchWriteItem: BatchWriteItemCommand,
  DeleteItem: DeleteItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
};

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const response = (statusCode: number, body: object) => ({
  response: { statusCode, headers: {}, body: Readable.from([JSON.stringify(body)]) },
});

/**
 * The SDK's own client, in front of an object that answers commands in this process: requests are serialised and
 * answers parsed as for AWS, but no socket is opened. Binary values stay base64.
 */
export const memoryClient = (send: Send): DynamoDBClient => {
  const handle = async ({ headers, body }: Request) => {
    const operation = headers['x-amz-target']?.split('.')[1] ?? '';
    const Command = COMMANDS[operation];
    if (Command === undefined)
      return response(400, { __type: 'UnknownOperationException', message: operation });
    const input = JSON.parse(new TextDecoder().decode(body)) as never;
    try {
      return response(200, await send(new Command(input)));
    } catch (error) {
      const { name, message, Item } = error as Error & { readonly Item?: object };
      return response(400, { __type: name, message, ...(Item && { Item }) });
    }
  };
  return new DynamoDBClient({
    region: 'us-east-1',
    credentials: LOCAL_CREDENTIALS,
    requestHandler: { handle: handle as never },
    maxAttempts: 1,
  });
};
