import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { errorName } from '../../errors.ts';
import type { Access, Consumed } from '../../pipeline/relabel/counts.ts';
import type { CapacityLimit } from './capacity-limit.ts';

/** What calls do, by the names of their commands; others are not metered. */
const ACCESS: Readonly<Record<string, Access>> = {
  ScanCommand: 'read',
  BatchGetItemCommand: 'read',
  UpdateItemCommand: 'write',
  BatchExecuteStatementCommand: 'write',
  BatchWriteItemCommand: 'write',
};

interface Input {
  ReturnConsumedCapacity?: string;
  readonly Statements?: readonly unknown[];
  readonly RequestItems?: Readonly<Record<string, readonly unknown[] | object>>;
}

interface Output {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
}

/** How many items a call is about; a scan is one. */
const itemsOf = ({ Statements, RequestItems = {} }: Input): number =>
  Statements?.length ??
  Math.max(
    1,
    Object.values(RequestItems).reduce((sum, items) => sum + (Array.isArray(items) ? items.length : 0), 0),
  );

/** Undefined where the answer does not say: DynamoDB Local is silent about statements. */
const unitsOf = ({ ConsumedCapacity: given }: Output): number | undefined =>
  given && [given].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);

/** A write whose condition failed is charged as well, but its answer does not say how much: at least a unit. */
const FAILED_CONDITION = 1;

/**
 * Has all calls of a client report the capacity that they consume, and keeps them to limits. A call waits until the
 * units that it is expected to take are free: for each item as many as the last one took.
 *
 * @param signal ends waiting
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html
 */
export const meterClient = (
  client: DynamoDBClient,
  limits: Readonly<Record<Access, CapacityLimit>>,
  signal?: AbortSignal,
): { consumed(): Consumed } => {
  const consumed = { read: 0, write: 0 };
  const expected = { read: 1, write: 1 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const access = ACCESS[context.commandName ?? ''];
      if (access === undefined) return next(args);
      const input = args.input as Input;
      input.ReturnConsumedCapacity = 'TOTAL';
      const items = itemsOf(input);
      const taken = expected[access] * items;
      await limits[access].take(taken, signal);
      const settle = (units: number): void => {
        limits[access].settle(taken, units);
        consumed[access] += units;
      };
      try {
        const result = await next(args);
        const units = unitsOf(result.output as Output);
        settle(units ?? taken);
        if (units !== undefined && units > 0) expected[access] = units / items;
        return result;
      } catch (error) {
        settle(errorName(error) === 'ConditionalCheckFailedException' ? FAILED_CONDITION : 0);
        throw error;
      }
    },
    { step: 'initialize', name: 'meterCapacity' },
  );
  return { consumed: () => ({ ...consumed }) };
};
