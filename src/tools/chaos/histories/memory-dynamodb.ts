import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { meets } from './memory-condition.ts';
import type { Assignments, ItemWrite, MemoryTable } from './memory-table.ts';

/** The one method of the SDK's clients, with commands and answers of any kind. */
export type Send = (command: object, options?: { readonly abortSignal?: AbortSignal }) => Promise<object>;

const old = ({ before }: ItemWrite) => ({ Attributes: before });

/** `SET #a = :a, #b = :b REMOVE #c` → the names and values; either part may be missing. */
const assignments = (input: UpdateItemCommandInput): Assignments => {
  const { UpdateExpression = '', ExpressionAttributeNames: names = {} } = input;
  const values = input.ExpressionAttributeValues ?? {};
  const [, sets, removes] = /^(?:SET (.+?))? ?(?:REMOVE (.+))?$/.exec(UpdateExpression) ?? [];
  const pairs = sets?.split(/, */) ?? [];
  const set = pairs.map((pair): [string, AttributeValue] => {
    const [, name = '', value = ''] = /^(#?\w+) = (:\w+)$/.exec(pair) ?? [];
    const assigned = values[value];
    if (assigned === undefined)
      throw new Error(`${UpdateExpression}: only SET name = :value and REMOVE name are known here`);
    return [names[name] ?? name, assigned];
  });
  const remove = removes?.split(/, */).map((name) => names[name] ?? name) ?? [];
  return { set: Object.fromEntries(set), remove };
};

const unquoted = (name: string): string => name.replace(/^"|"$/g, '').replaceAll('""', '"');

/** `UPDATE "t" SET "a" = ? SET "b" = ? REMOVE "c" WHERE …` */
const statement = (
  { Statement = '', Parameters = [] }: BatchStatementRequest,
  tableOf: (name: string) => MemoryTable,
): BatchStatementResponse => {
  const [, table = '', sets = '', where = ''] =
    /^UPDATE ("[^"]+") ((?:SET|REMOVE) .+?) WHERE (.+)$/.exec(Statement) ?? [];
  if (where === '') throw new Error(`${Statement}: only UPDATE … SET … REMOVE … WHERE is known here`);
  const named = (clause: string): string[] =>
    [...sets.matchAll(new RegExp(`${clause} ("(?:[^"]|"")*")`, 'g'))].map(([, name = '']) => name);
  const names = named('SET');
  const set = Object.fromEntries(
    names.map((name, index): [string, AttributeValue] => [
      unquoted(name),
      Parameters[index] ?? { NULL: true },
    ]),
  );
  const references = () => {
    let next = names.length;
    return { name: unquoted, value: () => Parameters[next++] };
  };
  const target = tableOf(unquoted(table));
  const equal = new Map<string, AttributeValue>();
  meets(where, undefined, references(), (name, value) => {
    if (value !== undefined && target.keyNames.includes(name) && !equal.has(name)) equal.set(name, value);
  });
  const keys = Object.fromEntries(equal);
  try {
    target.update(keys, { set, remove: named('REMOVE').map(unquoted) }, where, references());
    return {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      const { message, Item } = error;
      return { Error: { Code: 'ConditionalCheckFailed', Message: message, ...(Item && { Item }) } };
    }
    return { Error: { Code: 'ValidationError', Message: String(error) } };
  }
};

/** DynamoDB in memory, as far as the stores and the producer need it; a write is made before its promise resolves. */
export const memoryDynamoDb = (tables: Readonly<Record<string, MemoryTable>>): Send => {
  const tableOf = (name = ''): MemoryTable => {
    const table = tables[name];
    if (table === undefined) throw Object.assign(new Error(name), { name: 'ResourceNotFoundException' });
    return table;
  };
  return async (command) => {
    if (command instanceof PutItemCommand)
      return old(tableOf(command.input.TableName).put(command.input.Item ?? {}));
    if (command instanceof DeleteItemCommand)
      return old(tableOf(command.input.TableName).delete(command.input.Key ?? {}));
    if (command instanceof UpdateItemCommand) {
      const {
        TableName,
        Key = {},
        ConditionExpression,
        ExpressionAttributeNames: names = {},
      } = command.input;
      const values = command.input.ExpressionAttributeValues ?? {};
      const references = {
        name: (token: string) => names[token] ?? token,
        value: (token: string) => values[token],
      };
      return old(tableOf(TableName).update(Key, assignments(command.input), ConditionExpression, references));
    }
    if (command instanceof BatchWriteItemCommand) {
      for (const [table, writes] of Object.entries(command.input.RequestItems ?? {}))
        for (const { PutRequest } of writes) tableOf(table).put(PutRequest?.Item ?? {});
      return {};
    }
    if (command instanceof BatchExecuteStatementCommand)
      return { Responses: (command.input.Statements ?? []).map((one) => statement(one, tableOf)) };
    throw new Error(`${command.constructor.name} is not known here`);
  };
};
