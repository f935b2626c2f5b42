/** `npm run replay -- EVENT.json`: sends one event to the built function, and shows what it wrote. */
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type DynamoDbEvent, toTableChanges } from '../../pipeline/records/dynamodb-event.ts';
import { type KinesisEvent, toStreamRecords } from '../../pipeline/records/kinesis-event.ts';
import { memoryFault } from '../emulators/lambda/memory-fault.ts';
import { isTableEvent, type Replay, replay, replayFanOut } from '../invoke/replay.ts';
import type { Parameters } from '../serverless-yml/service.ts';
import { UserError } from '../user-error.ts';
import { EMBEDDED_LABEL_STORES } from '../../stores/label-stores.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

const readEvent = async (file: string): Promise<KinesisEvent | DynamoDbEvent> => {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UserError(
      `${file} cannot be read; give the path of an event, such as events/kinesis-dynamodb.json`,
      { cause },
    );
  });
  let event: KinesisEvent | DynamoDbEvent;
  try {
    event = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  try {
    if (isTableEvent(event)) toTableChanges(event);
    else toStreamRecords(event);
  } catch (cause) {
    // Both throw this for an event of another kind.
    if (!(cause instanceof TypeError)) throw cause;
    throw new UserError(`${file}: ${cause.message}`, { cause });
  }
  return event;
};

const parameter = (pair: string, former: Parameters = {}): Parameters => {
  const [, name, value] = /^(\w+)=([^]*)$/.exec(pair) ?? [];
  if (name !== undefined && value !== undefined) return { ...former, [name]: value };
  throw new InvalidArgumentError('It should be name=value, such as labelStore=labels-table.');
};

interface Options {
  readonly json?: boolean;
  readonly model?: string;
  readonly store?: string;
  readonly memory?: number;
  readonly param?: Parameters;
}

const program = new Command('npm run replay --')
  .description(
    'Sends one event to the built function, against a fresh embedded DynamoDB, and shows what it wrote. An event of a ' +
      "table's own stream goes to the function that forwards changes, and what that forwards to the classifier.",
  )
  .argument(
    '<event>',
    'an event of Kinesis or of a DynamoDB stream as JSON, such as events/kinesis-dynamodb.json',
  )
  .option('--json', 'JSON lines only: the response, then each item and each reject')
  .option('--model <name>', 'model, as name or name@version; several, separated by commas')
  .option('--memory <MB>', "the classifier's memory", whole(128, 10_240))
  .addOption(new Option('--store <name>', 'where labels go').choices(EMBEDDED_LABEL_STORES))
  .option(
    '--param <name=value>',
    'a parameter of serverless.yml, such as textAttributes=message.body; may be given several times',
    parameter,
  );

/** Prints a function's response and writes. @param name of the function, if several run @returns the exit status */
const show = (
  { payload, functionError, written, memoryMB }: Replay,
  json: boolean,
  name?: string,
): number => {
  const named = name === undefined ? {} : { function: name };
  const response = { ...named, response: payload ?? null, ...(functionError && { functionError }) };
  console.log(JSON.stringify(json ? response : (functionError ?? payload)));
  for (const line of written) console.log(JSON.stringify(line));
  const fault = memoryFault(memoryMB);
  if (fault !== undefined) console.error(fault);
  return functionError === undefined && fault === undefined ? STATUS.fine : STATUS.broken;
};

const main = async (
  file: string,
  { json = false, param: parameters, ...choices }: Options,
): Promise<number> => {
  const log = (line: string): void => {
    if (!json) console.error(line);
  };
  const options = { ...choices, parameters, onLog: log };
  const event = await readEvent(file);
  if (!isTableEvent(event)) return show(await replay(ROOT, event, options), json);

  const { forwarded, parameters: same, ...first } = await replayFanOut(ROOT, event, options);
  const status = show(first, json, 'fanOut');
  const { length } = forwarded.Records;
  log(
    `fanOut forwarded ${length} of ${event.Records.length} changes${length > 0 ? ', to classifyStream:' : ''}`,
  );
  if (length === 0) return status;
  const second = await replay(ROOT, forwarded, { ...options, parameters: same });
  return Math.max(status, show(second, json, 'classifyStream'));
};

await run(program.action(withStatus(main)));
