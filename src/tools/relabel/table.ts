import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { must } from '../../errors.ts';
import { isNotFound, failedCall } from '../aws-fault.ts';
import { UserError } from '../user-error.ts';

/** A table, as far as a relabel needs it. */
export interface TableFacts {
  readonly arn: string;
  /** Another one for a table that was deleted and made again. */
  readonly id: string;
  /** The names of its key attributes. */
  readonly keys: readonly string[];
  /** About: DynamoDB counts every six hours. */
  readonly items: number;
  readonly bytes: number;
  /** Capacity units a second; undefined on demand. */
  readonly provisioned: { readonly read: number; readonly write: number } | undefined;
}

/** @throws UserError where the table does not exist or cannot be looked at */
export const describeTable = async (dynamodb: DynamoDBClient, name: string): Promise<TableFacts> => {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const table = must(Table, `description of table ${name}`);
    const { ReadCapacityUnits: read = 0, WriteCapacityUnits: write = 0 } = table.ProvisionedThroughput ?? {};
    const arn = must(table.TableArn, `TableArn of ${name}`);
    return {
      arn,
      id: `${table.TableId ?? arn} ${table.CreationDateTime?.getTime() ?? ''}`,
      keys: (table.KeySchema ?? []).map(({ AttributeName }) => must(AttributeName, `key of ${name}`)),
      items: table.ItemCount ?? 0,
      bytes: table.TableSizeBytes ?? 0,
      provisioned: read > 0 && write > 0 ? { read, write } : undefined,
    };
  } catch (cause) {
    if (isNotFound(cause))
      throw new UserError(`Table ${name} does not exist. Check the name, the region and the account.`, {
        cause,
      });
    throw failedCall(`Looking at table ${name}`, cause);
  }
};
