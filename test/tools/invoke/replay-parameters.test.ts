import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayParameters } from '../../../src/tools/invoke/replay-parameters.ts';
import { changeRecordJson } from '../../../src/tools/emulators/aws/native-fan-out.ts';
import { command, execProgram } from '../../support/run-program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Line = Readonly<Record<string, unknown>>;

const run = (...args: string[]) => execProgram(command('replay', args));

/** What a replay prints, line by line. */
const lines = async (...args: string[]): Promise<readonly Line[]> => {
  const { stdout } = await run('--json', ...args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

const eventOf = (
  name: string,
  records: readonly { readonly data: string; readonly key: string }[],
): string => {
  const file = join(folder, `${name}.json`);
  const Records = records.map(({ data, key }, index) => ({
    kinesis: {
      partitionKey: key,
      sequenceNumber: String(index + 1),
      data: Buffer.from(data).toString('base64'),
    },
    eventID: `shardId-000000000000:${index + 1}`,
    eventSourceARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/orders-changes',
  }));
  writeFileSync(file, JSON.stringify({ Records }));
  return file;
};

describe('npm run replay --param', () => {
  it('textAttributes: texts within others', async () => {
    const args = ['events/nested-text.json', '--param', 'textAttributes=message.body,parts[1].text'];
    const [response, ...items] = await lines(...args);
    expect(response).toEqual({ response: { batchItemFailures: [] } });
    expect(Object.fromEntries(items.map(({ id, label }) => [id, label]))).toEqual({
      'n-1': 'change_pin',
      'n-2': 'lost_or_stolen_card',
      // Its attribute of that very name comes first.
      'n-3': 'card_delivery_estimate',
      'n-4': undefined,
    });
  }, 60_000);

  it('textAttributes: none that labels are written over', async () => {
    const failed = run('events/insert.json', '--param', 'textAttributes=label_list');
    await expect(failed).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^labels would overwrite .*\n {2}TEXT_ATTRIBUTES names label_list, which model/,
      ),
    });
  }, 60_000);

  it('keyAttributes: items of a table that has others, as the event tells them', async () => {
    const newImage = { order: { N: '7' }, line: { S: 'a' }, text: { S: 'How do I change my PIN?' } };
    const change = changeRecordJson({
      eventName: 'INSERT',
      table: 'orders',
      keys: { order: newImage.order, line: newImage.line },
      newImage,
      createdMicros: 1_790_000_000_250_647,
    });
    const plain = JSON.stringify({ order: '8', line: 'b', text: 'I lost my card' });
    const file = eventOf('orders', [{ data: change, key: '7' }]);
    const [, ...items] = await lines(file, '--param', 'keyAttributes=order,line');
    expect(items).toEqual([expect.objectContaining({ order: 7, line: 'a', label: 'change_pin' })]);
    const [, ...others] = await lines(
      eventOf('plain', [{ data: plain, key: 'x' }]),
      '--param=keyAttributes=order,line',
    );
    expect(others).toEqual([
      expect.objectContaining({ order: '8', line: 'b', label: 'lost_or_stolen_card' }),
    ]);
  }, 90_000);

  it('labelStore and filter, together', async () => {
    const args = ['--param', 'labelStore=labels-table', '--param', 'filter=changes'];
    const { stdout, stderr } = await run('events/kinesis-dynamodb.json', ...args);
    expect(stderr).toMatch(/filter changes: 6 of 8 records reach the function/);
    expect(stderr).toMatch(/"records":6,/);
    expect(stdout).toMatch(/"item":".*","content":"banking77-tfidf@1#/);
  }, 60_000);

  it.each<[string, readonly string[], RegExp]>([
    [
      'an unknown one',
      ['nope=1', 'shards=x'],
      /^Parameter nope is unknown: use one of .*\nParameter shards is "x": give/,
    ],
    [
      'a faulty one',
      ['labelStore=redis'],
      /^Parameter labelStore is "redis": use partiql or update-item or labels-table\.$/,
    ],
    [
      'that means nothing here',
      ['aws=live'],
      /^Parameter aws is for "serverless invoke local": a replay uses no account/,
    ],
    ['no pair', ['labelStore'], /--param <name=value>.*invalid\. It should be name=value/],
  ])(
    'refuses %s',
    async (_, pairs, message) => {
      const args = pairs.flatMap((pair) => ['--param', pair]);
      const failed = await run('events/insert.json', ...args).catch((error) => error);
      expect(String(failed.stderr).trim()).toMatch(message);
      expect(failed.code).toBeGreaterThan(0);
    },
    60_000,
  );

  it('takes the table of other keys from the event', () => {
    const of = (eventSourceARN: string) =>
      replayParameters({ Records: [{ eventSourceARN }] }, { keyAttributes: 'order' });
    const kinesis = 'arn:aws:kinesis:eu-west-1:123456789012:stream/orders-changes';
    const table = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000';
    expect(of(kinesis)).toMatchObject({ existingTable: 'documents', existingStream: kinesis });
    expect(of(table)).toMatchObject({ existingTable: 'orders', existingStream: table });
    expect(of('anything')).toMatchObject({ existingStream: expect.stringMatching(/^arn:aws:kinesis:/) });
    const named = { keyAttributes: 'order', existingTable: 'mine', existingStream: 'x' };
    expect(replayParameters({ Records: [] }, named)).toEqual(named);
    expect(replayParameters({ Records: [] }, {})).toEqual({});
  });
});

describe("npm run replay with an event of a table's own stream", () => {
  it('forwards its changes, and labels what was forwarded', async () => {
    const all = await lines('events/dynamodb-stream.json');
    const change = (forwarded: string, id: string, number: string) => ({
      forwarded,
      table: 'labelstream-dev-documents',
      keys: { id },
      sequence_number: `1149650000000000${number.padStart(9, '0')}`,
      bytes: expect.any(Number),
    });
    expect(all).toEqual([
      { function: 'fanOut', response: { batchItemFailures: [] } },
      change('INSERT', 'd-1', '1'),
      change('MODIFY', 'd-1', '2'),
      change('INSERT', 'd-2', '4'),
      change('REMOVE', 'd-2', '5'),
      { function: 'classifyStream', response: { batchItemFailures: [] } },
      expect.objectContaining({ id: 'd-1', label: 'exchange_rate' }),
    ]);
  }, 60_000);

  it('shows what could not be forwarded, under other keys too, and never a text', async () => {
    const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000';
    const change = (number: string, text: string) => ({
      eventName: 'INSERT',
      eventSourceARN: arn,
      dynamodb: {
        Keys: { order: { N: number } },
        NewImage: { order: { N: number }, body: { S: text } },
        SequenceNumber: number,
      },
    });
    const file = join(folder, 'table.json');
    const Records = [change('1', 'How do I change my PIN?'), change('2', 'too large '.repeat(110_000))];
    writeFileSync(file, JSON.stringify({ Records }));
    const params = ['--param', 'keyAttributes=order', '--param', 'textAttributes=body'];
    const all = await lines(file, ...params);
    expect(all).toEqual([
      { function: 'fanOut', response: { batchItemFailures: [] } },
      expect.objectContaining({ forwarded: 'INSERT', table: 'orders', keys: { order: 1 } }),
      expect.objectContaining({ code: 'record-too-large', sequence_number: '2' }),
      { function: 'classifyStream', response: { batchItemFailures: [] } },
      expect.objectContaining({ order: 1, label: 'change_pin' }),
    ]);
    expect(JSON.stringify(all)).not.toMatch(/change my PIN|too large too/);
  }, 90_000);
});
