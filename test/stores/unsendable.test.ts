import type { LabelAnswer } from '../../src/tasks/label-scores.ts';
import { BatchExecuteStatementCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../src/errors.ts';
import { LOCAL_CREDENTIALS } from '../../src/tools/emulators/aws/aws-clients.ts';
import { memoryClient } from '../../src/tools/chaos/histories/memory-client.ts';
import type { AttributeMap } from '../../src/dynamodb-json/attributes.ts';
import type { LabelStore, LabelWrite } from '../../src/pipeline/destinations.ts';
import { labelsTable } from '../../src/stores/labels-table.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { updateItemLabels } from '../../src/stores/update-item.ts';
import { labelWrite } from '../support/documents.ts';

/** A DynamoDB that takes whatever the SDK can write down. */
const client = () =>
  memoryClient(async (command) =>
    command instanceof BatchExecuteStatementCommand
      ? { Responses: command.input.Statements?.map(() => ({})) ?? [] }
      : {},
  );

const nested = (levels: number): AttributeMap[string] => {
  let value: AttributeMap[string] = { S: 'x' };
  for (let level = 0; level < levels; level += 1) value = { L: [value] };
  return value;
};

/** Keys that pass no check of ours, as a fault of it would let them through. */
const UNSENDABLE: readonly (readonly [string, AttributeMap])[] = [
  ['a string that is a list', { id: { S: ['p'] } }],
  ['a set of bytes that are numbers', { id: { BS: [1] } }],
  ['lists nested 3,000 levels deep', { id: nested(3_000) }],
];

const withKeys = (id: string, keys: AttributeMap | undefined): LabelWrite => {
  const write = labelWrite(id, 'text', 'x');
  return keys === undefined
    ? write
    : { ...write, document: { ...write.document, item: { ...write.document.item, keys } } };
};

const STORES: readonly (readonly [string, (client: DynamoDBClient) => LabelStore])[] = [
  ['partiql', (dynamodb) => partiqlLabels(dynamodb, { table: 't', pauseMs: 1 })],
  ['update-item', (dynamodb) => updateItemLabels(dynamodb, { table: 't', pauseMs: 1 })],
];

describe.each(STORES)('%s, where the SDK cannot write a request down', (_, storeOf) => {
  it.each(UNSENDABLE)(
    'rejects the one write with %s in its key, and makes the 24 others',
    async (__, keys) => {
      const writes = Array.from({ length: 25 }, (___, index) =>
        withKeys(String(index), index === 7 ? keys : undefined),
      );
      const results = await storeOf(client()).put(writes);
      expect(results.map(({ kind }) => kind)).toEqual(
        writes.map((___, index) => (index === 7 ? 'rejected' : 'labelled')),
      );
      expect(results[7]).toEqual({ kind: 'rejected', error: expect.any(PermanentError) });
    },
  );
});

describe('labels-table', () => {
  it('rejects the one label that the SDK cannot write down, and writes the 24 others', async () => {
    const writes = Array.from({ length: 25 }, (_, index) => labelWrite(String(index), 'text', 'x'));
    const label = ['no string'] as unknown as string;
    const said: LabelAnswer = { labels: [{ label, score: 1 }] };
    const broken = writes.map((write, index) =>
      index === 7
        ? {
            ...write,
            labels: write.labels.map((one) => ({ ...one, answer: said })),
          }
        : write,
    );
    const results = await labelsTable(client(), { table: 't' }).put(broken);
    expect(results.map(({ kind }) => kind)).toEqual(
      writes.map((_, index) => (index === 7 ? 'rejected' : 'labelled')),
    );
  });
});

describe.each<readonly [string, (client: DynamoDBClient) => LabelStore]>([
  ...STORES,
  ['labels-table', (dynamodb) => labelsTable(dynamodb, { table: 't' })],
])('%s, where the SDK sends nothing for a reason of its own', (_, storeOf) => {
  const nobody = async (): Promise<never> => {
    throw new TypeError('fetch failed');
  };
  it.each<readonly [string, object]>([
    ['credentials that cannot be fetched', { region: 'us-east-1', credentials: nobody }],
    ['a Region that is none', { region: 'no Region', credentials: LOCAL_CREDENTIALS }],
    ['an endpoint that is none', { region: 'us-east-1', endpoint: '!', credentials: LOCAL_CREDENTIALS }],
  ])('rejects no write for %s: all are to be delivered again', async (__, config) => {
    const writes = Array.from({ length: 25 }, (___, index) => labelWrite(String(index), 'text', 'x'));
    const results = await storeOf(new DynamoDBClient({ ...config, maxAttempts: 1 })).put(writes);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['failed']));
  });
});
