import type { DynamoDbEvent } from '../../pipeline/records/dynamodb-event.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import { compileFilter } from '../emulators/event-source/filter-patterns.ts';
import type { Parameters, ServiceFunction } from '../serverless-yml/service.ts';
import { UserError } from '../user-error.ts';

const TABLE_STREAM = /^arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table\/([\w.-]+)\/stream\//;
const KINESIS_STREAM = /^arn:[\w-]+:kinesis:[\w-]+:\d{12}:stream\/[\w.-]+$/;

type StreamEvent = KinesisEvent | DynamoDbEvent;

/**
 * Parameters for the replay of an event. Other key attributes than the service's are for an existing table; here the
 * event itself contains its name, so that the parameter is not needed.
 *
 * @throws UserError for a parameter that has no effect here
 */
export const replayParameters = ({ Records }: StreamEvent, given: Parameters): Parameters => {
  if (given.aws !== undefined) {
    throw new UserError(
      'Parameter aws is for "serverless invoke local": a replay uses no account. Leave it out.',
    );
  }
  if (given.keyAttributes === undefined || given.existingTable !== undefined) return given;
  const arn = Array.isArray(Records) ? ((Records as StreamEvent['Records'])[0]?.eventSourceARN ?? '') : '';
  const [, table] = TABLE_STREAM.exec(arn) ?? [];
  if (table !== undefined) return { ...given, existingTable: table, existingStream: arn };
  const stream = KINESIS_STREAM.test(arn) ? arn : 'arn:aws:kinesis:us-east-1:123456789012:stream/changes';
  return { ...given, existingTable: 'documents', existingStream: stream };
};

/** The records of an event that pass the filter of a function's mapping, if a filter was given. */
export const filtered = <Event extends StreamEvent>(
  event: Event,
  { mapping }: Pick<ServiceFunction, 'mapping'>,
  { filter }: Parameters,
  onLog: (line: string) => void = () => undefined,
): Event => {
  const patterns = (mapping.filterPatterns ?? []) as readonly object[];
  // A filter applies to the record itself for a table's own stream, and to the record's data for Kinesis.
  const passes = compileFilter(patterns.map((pattern) => ('data' in pattern ? pattern : { data: pattern })));
  if (filter === undefined || passes === undefined) return event;
  const records = event.Records as readonly StreamEvent['Records'][number][];
  const passed = records.filter((record) => passes(filterData(record)));
  onLog(`filter ${filter}: ${passed.length} of ${records.length} records reach the function`);
  return { ...event, Records: passed };
};

const filterData = (record: Partial<KinesisEvent['Records'][number]>): Buffer =>
  record.kinesis === undefined
    ? Buffer.from(JSON.stringify(record))
    : Buffer.from(record.kinesis.data ?? '', 'base64');
