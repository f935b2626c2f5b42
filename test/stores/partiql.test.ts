import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  type BatchStatementError,
  type BatchStatementErrorCodeEnum as Code,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { PermanentError, TransientError } from '../../src/errors.ts';
import { partiqlLabels } from '../../src/stores/partiql.ts';
import { labelledItem, labelWrite } from '../support/documents.ts';

const LABELLED = { kind: 'labelled' };
const FAILED = { kind: 'failed', error: expect.any(TransientError) };
const REJECTED = { kind: 'rejected', error: expect.any(PermanentError) };

const writes = (count: number) =>
  Array.from({ length: count }, (_, index) => labelWrite(String(index), 'text', 'x'));

/**
 * A DynamoDB that answers the calls as told, `ids` being those of the items; a string is the name of an error of the
 * whole call. No emulator misbehaves this way.
 */
const answering = (
  answer: (ids: readonly string[], call: number) => readonly (BatchStatementError | undefined)[] | string,
  { attempts = 5, pauseMs = 1 } = {},
) => {
  const calls: string[][] = [];
  const client = mockClient(DynamoDBClient)
    .on(BatchExecuteStatementCommand)
    .callsFake(({ Statements = [] }: BatchExecuteStatementCommandInput) => {
      // Label, score, model and hash come before the key.
      const ids = Statements.map(({ Parameters }) => Parameters?.[4]?.S ?? '');
      calls.push(ids);
      const answered = answer(ids, calls.length - 1);
      if (typeof answered === 'string') throw Object.assign(new Error(answered), { name: answered });
      return { Responses: answered.map((Error) => ({ TableName: 't', ...(Error && { Error }) })) };
    });
  const store = partiqlLabels(client as unknown as DynamoDBClient, {
    table: 't',
    attempts,
    pauseMs,
  });
  return { store, calls };
};

const well = (ids: readonly string[]) => ids.map(() => undefined);

/** An error for one item, each time or in the first calls. */
const failing =
  (id: string, Code: Code, times = Infinity) =>
  (ids: readonly string[], call: number) =>
    ids.map((one) => (one === id && call < times ? { Code } : undefined));

describe('partiql', () => {
  it('sends 25 statements a call', async () => {
    const { store, calls } = answering(well);
    expect(await store.put(writes(60))).toEqual(writes(60).map(() => LABELLED));
    expect(calls.map(({ length }) => length)).toEqual([25, 25, 10]);
  });

  it.each([
    ['superseded', 'the item is gone', undefined],
    ['superseded', 'it holds another text', { text: { S: 'newer' } }],
    ['unchanged', 'it holds the text and bears the label', labelledItem('text')],
    ['rejected', 'it holds the text and does not bear the label', { text: { S: 'text' } }],
  ])('calls a failed condition %s where %s', async (kind, _, Item) => {
    const failed = { Code: 'ConditionalCheckFailed' as const, ...(Item && { Item }) };
    const { store, calls } = answering(() => [failed, undefined]);
    expect(await store.put(writes(2))).toMatchObject([{ kind }, LABELLED]);
    expect(calls).toHaveLength(1);
  });

  it.each<Code>([
    'ThrottlingError',
    'ProvisionedThroughputExceeded',
    'RequestLimitExceeded',
    'InternalServerError',
    'TransactionConflict',
  ])('sends a statement again on %s, and no other', async (code) => {
    const { store, calls } = answering(failing('1', code, 2));
    expect(await store.put(writes(3))).toEqual([LABELLED, LABELLED, LABELLED]);
    expect(calls).toEqual([['0', '1', '2'], ['1'], ['1']]);
  });

  it('fails a statement that meets passing faults in all its attempts, and says which', async () => {
    const { store, calls } = answering(failing('1', 'ThrottlingError'));
    const results = await store.put(writes(3));
    expect(results).toEqual([LABELLED, FAILED, LABELLED]);
    expect(results[1]).toMatchObject({ error: { message: expect.stringMatching(/5 attempts: Throttling/) } });
    expect(calls).toHaveLength(5);
  });

  it('stops sending when time is up', async () => {
    const { store, calls } = answering(failing('1', 'ThrottlingError'), { attempts: 100, pauseMs: 1e6 });
    const results = await store.put(writes(3), { signal: AbortSignal.timeout(50) });
    expect(results).toEqual([LABELLED, FAILED, LABELLED]);
    expect(calls.length).toBeLessThan(5);
  });

  it.each<Code>(['ValidationError', 'ItemCollectionSizeLimitExceeded'])(
    'rejects a statement on %s, and no other',
    async (code) => {
      const { store, calls } = answering(failing('1', code));
      expect(await store.put(writes(3))).toEqual([LABELLED, REJECTED, LABELLED]);
      expect(calls).toHaveLength(1);
    },
  );

  it.each(['AccessDenied', 'ResourceNotFound', 'DuplicateItem', 'SomethingNew'] as Code[])(
    'has a record delivered again on %s, which an operator may mend',
    async (code) => {
      const { store, calls } = answering(failing('1', code));
      expect(await store.put(writes(3))).toEqual([LABELLED, FAILED, LABELLED]);
      expect(calls).toHaveLength(1);
    },
  );

  it('fails a statement that is not answered', async () => {
    const { store } = answering((ids) => well(ids.slice(1)));
    expect(await store.put(writes(3))).toEqual([LABELLED, LABELLED, FAILED]);
  });

  it('finds the statements for which a call is refused', async () => {
    const { store } = answering((ids) => (ids.includes('7') ? 'ValidationException' : well(ids)));
    const results = await store.put(writes(25));
    expect(results).toEqual(writes(25).map((_, index) => (index === 7 ? REJECTED : LABELLED)));
  });

  it('fails the statements of a call that cannot be made, and only those', async () => {
    const { store } = answering((ids) => (ids.includes('30') ? 'ThrottlingException' : well(ids)));
    const results = await store.put(writes(60));
    expect(results.flatMap((result, index) => (result.kind === 'failed' ? [index] : []))).toEqual(
      Array.from({ length: 25 }, (_, index) => index + 25),
    );
  });

  it('names no item twice in a call, and keeps the order of the writes of an item', async () => {
    const { store, calls } = answering(well);
    const some = ['a', 'b', 'a', 'c', 'a'].map((id, index) => labelWrite(id, `text ${index}`, 'x'));
    expect(await store.put(some)).toEqual(some.map(() => LABELLED));
    expect(calls).toEqual([['a', 'b', 'c'], ['a'], ['a']]);
  });
});
