/** `npm run replay -- EVENT.json`: one event through the built function, and what it wrote. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { KinesisEvent } from '../../pipeline/kinesis-event.ts';
import { memoryFault } from '../lambda/memory-fault.ts';
import { replay } from '../replay.ts';
import { whole } from './whole.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const readEvent = async (file: string): Promise<KinesisEvent> => {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Error(
      `${file} cannot be read; give the path of an event, such as events/kinesis-dynamodb.json`,
      { cause },
    );
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
};

const main = async (): Promise<number> => {
  const program = new Command('npm run replay --')
    .description(
      'Sends one event to the built function, against a fresh embedded DynamoDB, and shows what it wrote.',
    )
    .argument('<event>', 'a Kinesis event as JSON, such as events/kinesis-dynamodb.json')
    .option('--json', 'JSON lines only: the response, then each item and each reject')
    .option('--model <name>', 'model, as name or name@version; several, separated by commas')
    .option('--memory <MB>', "the function's memory", whole(128, 10_240))
    .addOption(new Option('--store <name>', 'where labels go').choices(['update-item', 'labels-table']))
    .parse();
  const { json = false, ...options } = program.opts();
  const onLog = (line: string) => {
    if (!json) console.error(line);
  };
  const { payload, functionError, written, memoryMB } = await replay(
    ROOT,
    await readEvent(program.args[0] ?? ''),
    {
      ...options,
      onLog,
    },
  );
  console.log(
    JSON.stringify(
      json
        ? { response: payload ?? null, ...(functionError && { functionError }) }
        : (functionError ?? payload),
    ),
  );
  for (const line of written) console.log(JSON.stringify(line));
  const fault = memoryFault(memoryMB);
  if (fault !== undefined) console.error(fault);
  return functionError === undefined && fault === undefined ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
