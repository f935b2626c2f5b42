import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { transient } from '../aws-errors.ts';
import { PermanentError, TransientError } from '../errors.ts';
import { failure } from '../pipeline/outcome.ts';
import type { CallOptions, LabelStore, LabelWrite, WriteResult } from '../pipeline/destinations.ts';
import { isSendable, labelsOnItem, lackedOf, requiredOf, staleOrDone } from './dynamodb/compare-and-set.ts';
import { countRetries } from './dynamodb/calls.ts';
import { inCalls, type Round, sendInRounds } from './dynamodb/send-in-rounds.ts';
import { partiqlPath } from './dynamodb/expressions.ts';
import { toWire, valueToWire } from './dynamodb/wire-format.ts';

export interface PartiqlLabelsOptions {
  /** The table whose items are labelled. */
  readonly table: string;
  /** Concurrent `BatchExecuteStatement` calls. */
  readonly concurrency?: number;
  /** Rounds in which statements with a temporary error are sent before they count as failed. */
  readonly attempts?: number;
  /** The longest pause before the second round, in ms; it doubles with every round. */
  readonly pauseMs?: number;
}

/** Temporary errors of a statement: the same statement may succeed a moment later. */
const PASSING = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

/** Errors of a statement that no retry can resolve. */
const PERMANENT = new Set(['ItemCollectionSizeLimitExceeded', 'ValidationError']);

/**
 * Labels on the items themselves, by compare-and-set, 25 PartiQL `UPDATE`s a call: under the same condition as
 * `updateItemLabels`, which a deleted item does not meet. `UPDATE` never creates an item.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
 */
export const partiqlLabels = (
  client: DynamoDBClient,
  { table, concurrency = 8, attempts = 8, pauseMs = 50 }: PartiqlLabelsOptions,
): LabelStore => {
  const what = `BatchExecuteStatement on ${table}`;

  const put = async (writes: readonly LabelWrite[], options: CallOptions) => {
    const { signal } = options;
    const results = new Map<LabelWrite, WriteResult>();
    const send = async (sent: readonly LabelWrite[]): Promise<Round<LabelWrite>> => {
      const command = new BatchExecuteStatementCommand({
        Statements: sent.map((write) => compareAndSet(table, write)),
      });
      const answer = await client.send(command, signal && { abortSignal: signal });
      countRetries(answer, options);
      const { Responses = [] } = answer;
      const again: LabelWrite[] = [];
      let reason = '';
      for (const [index, write] of sent.entries()) {
        const code = Responses[index]?.Error?.Code;
        if (code !== undefined && PASSING.has(code)) {
          again.push(write);
          reason = code;
        } else results.set(write, resultOf(what, write, Responses[index]));
      }
      return { again, reason };
    };
    const fail = (failed: readonly LabelWrite[], error: PermanentError | TransientError): void => {
      for (const write of failed) results.set(write, failure(error));
    };
    const rounds = { ...options, attempts, pauseMs };
    for (const wave of oncePerItem(writes)) {
      await pMap(inCalls(wave), (call) => sendInRounds(call, { what, send, fail, isSendable }, rounds), {
        concurrency,
      });
    }
    return writes.map((write) => results.get(write) ?? failure(new TransientError(`${what} gave no result`)));
  };
  return { put: (writes, options = {}) => put(writes, options) };
};

/**
 * The writes in groups that name no item twice, because DynamoDB refuses a call that does: the first writes of all
 * items, then their second ones. So the writes of an item are made in their order, too.
 */
const oncePerItem = (writes: readonly LabelWrite[]): readonly (readonly LabelWrite[])[] => {
  const waves: LabelWrite[][] = [];
  const seen = new Map<string, number>();
  for (const write of new Set(writes)) {
    const { name } = write.document.item;
    const wave = seen.get(name) ?? 0;
    seen.set(name, wave + 1);
    (waves[wave] ??= []).push(write);
  }
  return waves;
};

const compareAndSet = (table: string, write: LabelWrite): BatchStatementRequest => {
  const { item } = write.document;
  const holds = requiredOf(write);
  const changes = labelsOnItem(write);
  const { set, remove } = changes;
  const marks = lackedOf(write, changes);
  const keys = Object.entries(toWire(item.keys)).map(([name, value]) => ({ name, value }));
  const held = holds.flatMap(({ value }) => (value === undefined ? [] : [valueToWire(value)]));
  const lacking = marks.map(({ name }) => isNot(partiqlPath([name])));
  return {
    Statement: [
      `UPDATE ${partiqlPath([table])}`,
      ...set.map(({ name }) => `SET ${partiqlPath([name])} = ?`),
      ...remove.map((name) => `REMOVE ${partiqlPath([name])}`),
      `WHERE ${keys.map(({ name }) => `${partiqlPath([name])} = ?`).join(' AND ')}`,
      ...holds.map(
        ({ path, value }) => `AND ${partiqlPath(path)} ${value === undefined ? 'IS MISSING' : '= ?'}`,
      ),
      ...(lacking.length > 0 ? [`AND (${lacking.join(' OR ')})`] : []),
    ].join(' '),
    Parameters: [
      ...set.map(({ value }) => valueToWire(value)),
      ...keys.map(({ value }) => value),
      ...held,
      ...marks.map(({ value }) => valueToWire(value)),
    ],
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
};

/** In PartiQL a comparison with a missing attribute is MISSING, not true: so that case is tested, too. */
const isNot = (name: string): string => `${name} IS MISSING OR ${name} <> ?`;

const resultOf = (
  what: string,
  write: LabelWrite,
  response: BatchStatementResponse | undefined,
): WriteResult => {
  if (response === undefined) return failure(new TransientError(`${what} left a statement unanswered`));
  const { Error: error } = response;
  if (error === undefined) return { kind: 'labelled' };
  const { Code: code = 'unknown error', Item } = error;
  if (code === 'ConditionalCheckFailed') return staleOrDone(what, write, Item);
  const cause = Object.assign(new Error(error.Message ?? code), { name: code });
  return failure(
    PERMANENT.has(code)
      ? new PermanentError('write-refused', `${what}: a statement was refused: ${code}`, { cause })
      : transient(`${what}: a statement failed: ${code}`, cause),
  );
};
