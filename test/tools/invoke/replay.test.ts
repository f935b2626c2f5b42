import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from '../../../src/tools/invoke/replay.ts';
import { command, execProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

const event = (name: string) => JSON.parse(readFileSync(join(ROOT, 'events', `${name}.json`), 'utf8'));

/** What the built function writes for a sample event: labels by item, rejects by code. */
const written = async (name: string, options = {}) => {
  const { payload, written: lines } = await replay(ROOT, event(name), options);
  expect(payload).toEqual({ batchItemFailures: [] });
  return {
    labels: Object.fromEntries(lines.filter(({ id }) => id).map(({ id, label }) => [id, label])),
    codes: lines.flatMap(({ code }) => (code ? [code] : [])).toSorted(),
    lines,
  };
};

describe('replay of the sample events', () => {
  it('kinesis-dynamodb: inserts, modifications and removals', async () => {
    const { labels, codes, lines } = await written('kinesis-dynamodb');
    expect(labels).toEqual({
      'm-1': 'card_arrival',
      'm-2': 'change_pin',
      'm-3': 'cash_withdrawal_charge',
      'm-4': 'lost_or_stolen_card',
      'm-5': 'card_payment_wrong_exchange_rate',
      'm-6': 'lost_or_stolen_card',
    });
    expect(codes).toEqual([]);
    expect(lines.find(({ id }) => id === 'm-1')).toMatchObject({
      label_score: expect.any(Number),
      label_model: 'banking77-tfidf@1',
      label_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('insert', async () => {
    expect(Object.values((await written('insert')).labels)).toEqual(expect.arrayContaining(['change_pin']));
  });

  it('modify: a changed text, a label that came back, and an item that has none yet', async () => {
    const { labels, lines } = await written('modify');
    expect(labels).toMatchObject({ 'm-4': 'lost_or_stolen_card', 'm-6': 'lost_or_stolen_card' });
    expect(lines.find(({ id }) => id === 'm-5')?.label_score).toBe(0.9);
  });

  it('remove: nothing to do, and no item comes back', async () => {
    expect((await written('remove')).lines).toEqual([]);
  });

  it('timestamps: milliseconds, microseconds, out of order and compressed', async () => {
    const { labels } = await written('timestamps');
    expect(Object.keys(labels).toSorted()).toEqual(['m-10', 'm-11', 'm-12', 'm-9']);
    expect(Object.values(labels)).not.toContain(undefined);
    expect(labels['m-11']).toBe('Refund_not_showing_up');
  });

  it('textblob: a JSON string inside JSON, with and without a key', async () => {
    const { labels } = await written('textblob');
    expect(labels).toEqual({ 't-1': expect.any(String), 't-2': expect.any(String) });
  });

  it('poison: every kind is kept with its reason, and the good records around it are labelled', async () => {
    const { labels, codes } = await written('poison');
    expect(codes).toEqual([
      'bad-base64',
      'bad-gzip',
      'bad-json',
      'bad-shape',
      'bad-shape',
      'bad-text',
      'bad-utf8',
      'text-too-long',
      'unknown-model',
    ]);
    expect(Object.entries(labels).filter(([, label]) => label !== undefined)).toEqual([
      [expect.stringMatching(/^good-/), expect.any(String)],
      [expect.stringMatching(/^good-/), expect.any(String)],
    ]);
  });

  it('kpl: every record of an aggregate, and the poison in it under a key of its own', async () => {
    const { labels, lines } = await written('kpl');
    expect(labels).toEqual({
      'k-1': 'exchange_charge',
      'k-2': 'change_pin',
      'k-4': 'lost_or_stolen_card',
      'k-5': 'card_delivery_estimate',
    });
    expect(lines.filter(({ code }) => code !== undefined)).toEqual([
      expect.objectContaining({
        code: 'bad-json',
        partition_key: 'k-1',
        sequence_number: expect.stringMatching(/1#2$/),
      }),
    ]);
  });

  it('routing: each item by the models it names, and what becomes of those that nobody has', async () => {
    const { labels, codes } = await written('routing');
    expect(labels).toEqual({
      'r-1': expect.any(String),
      'r-2': 'change_pin',
      'r-3': 'lost_or_stolen_card',
      'r-4': 'exchange_rate',
      'r-5': 'card_delivery_estimate',
      'r-6': expect.any(String),
      'r-7': undefined,
      'r-8': undefined,
      'r-9': 'lost_or_stolen_card',
    });
    expect(codes).toEqual(['bad-text', 'unknown-model', 'unknown-model']);
  });

  it('batch-100, into a table of labels', async () => {
    const { lines } = await written('batch-100', { store: 'labels-table' });
    expect(lines.filter(({ content }) => content !== undefined)).toHaveLength(100);
  });
});

describe('npm run replay', () => {
  const run = (...args: string[]) => execProgram(command('replay', args));

  it('prints the response and JSON lines', async () => {
    const { stdout } = await run('events/insert.json', '--json');
    const [response, ...items] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(response).toEqual({ response: { batchItemFailures: [] } });
    expect(items).toHaveLength(3);
  });

  it('ends with a fault where the function used more memory than it has', async () => {
    const options = ['--json', '--model', 'banking77-minilm', '--memory', '128'];
    const failed = await run('events/insert.json', ...options).catch((error) => error);
    expect(failed).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\{"response":\{"batchItemFailures":\[\]\}\}\n/),
      stderr: expect.stringMatching(/^The function used \d+ MB, more than the 128 MB that it has/),
    });
  });

  it.each([
    ['no-such-file.json', /no-such-file.json cannot be read/],
    ['LICENSE', /LICENSE is not JSON/],
    ['package.json', /expected an event of a Kinesis stream/],
  ])('says what is wrong with %s', async (file, message) => {
    await expect(run(file)).rejects.toMatchObject({ stderr: expect.stringMatching(message) });
  });
});
