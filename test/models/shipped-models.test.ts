import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateMessages } from '../../src/tools/ingest/input/messages.ts';
import { readMessages } from '../../src/tools/ingest/input/input.ts';
import { seededRandom } from '../../src/tools/random.ts';
import type { LabelPrediction } from '../../src/tasks/label-scores.ts';
import type { TextClassifier } from '../../src/tasks/text-classification.ts';
import type { Label } from '../../src/tasks/label-scores.ts';
import { wire } from '../../src/wire/classify-stream.ts';
import { BANKING77_TEST, describeWithBanking77 } from '../support/banking77.ts';

const MODELS = join(import.meta.dirname, '..', '..', 'models');
const STAGES = ['banking77-tfidf', 'banking77-mini', 'banking77-minilm'];
const NAMES = [...STAGES, 'banking77-cascade'];

const wired = wire({
  DOCUMENTS_TABLE: 'documents',
  REJECTS_TABLE: 'rejects',
  MODEL: NAMES[0],
  MODELS_DIR: MODELS,
});
const load = async (name: string): Promise<TextClassifier> => {
  const { models } = await wired;
  return (await models.load(models.resolve([name])[0]?.id ?? name)) as TextClassifier;
};

const best = (prediction: LabelPrediction | undefined): Label => {
  if (prediction === undefined || 'error' in prediction) throw new Error('no label');
  return prediction.labels[0] ?? { label: '', score: Number.NaN };
};

const testMessages = async (): Promise<{ text: string; label: string }[]> => {
  const messages = [];
  for await (const { text, label = '' } of readMessages(BANKING77_TEST, { labelColumn: 'category' }))
    messages.push({ text, label });
  return messages;
};

const inBatches = async (model: TextClassifier, texts: readonly string[], size: number) => {
  const labels: Label[] = [];
  for (let start = 0; start < texts.length; start += size)
    labels.push(...(await model.classify(texts.slice(start, start + size))).map(best));
  return labels;
};

const messagesAlone = new Map<string, Promise<readonly Label[]>>();

/** What a model says of each test message alone: several tests look at it. */
const saidAlone = (name: string): Promise<readonly Label[]> => {
  const said =
    messagesAlone.get(name) ??
    Promise.all([load(name), testMessages()]).then(([model, messages]) =>
      inBatches(
        model,
        messages.map(({ text }) => text),
        1,
      ),
    );
  messagesAlone.set(name, said);
  return said;
};

/** The order of a shuffle: the same each time. */
const shuffled = (count: number): readonly number[] => {
  const random = seededRandom(5);
  return Array.from({ length: count }, (_, index) => ({ index, by: random() }))
    .toSorted((a, b) => a.by - b.by)
    .map(({ index }) => index);
};

const HOSTILE = ['', ' ', '\n\n', '🎉', 'مرحبا', 'e\u0301', 'a\0b', '\ud800', '卡在哪里', 'x'.repeat(10_000)];

describe.each(NAMES)('%s', (name) => {
  it('gives every text a label with a probability', async () => {
    const model = await load(name);
    for (const { label, score } of (await model.classify(HOSTILE)).map(best)) {
      expect(label).not.toBe('');
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('gives a text the same label and score, to the last bit, in batches of 1, 7 and 100, shuffled, among long texts', async () => {
    const model = await load(name);
    const hasMessages = existsSync(BANKING77_TEST);
    // A third of the test messages, of all labels: each is classified three times more.
    const isChosen = (_: unknown, index: number) => index % 3 === 0;
    const messages = hasMessages
      ? (await testMessages()).map(({ text }) => text).filter(isChosen)
      : [...generateMessages({ seed: 6, count: 600 })];
    const isLong = (index: number) => index % 50 === 49;
    const texts = messages.map((text, index) =>
      isLong(index) ? Array<string>(10).fill(text).join(' ') : text,
    );
    const alone = hasMessages
      ? (await saidAlone(name)).filter(isChosen)
      : await inBatches(model, messages, 1);
    for (const [index, text] of texts.entries()) {
      if (isLong(index)) [alone[index]] = (await inBatches(model, [text], 1)) as [Label];
    }
    const expectSame = (labels: readonly Label[], order: readonly number[]): void =>
      expect(labels).toEqual(order.map((index) => alone[index]));
    const asTheyCome = [...texts.keys()];
    for (const size of [7, 100]) expectSame(await inBatches(model, texts, size), asTheyCome);
    const order = shuffled(texts.length);
    expectSame(
      await inBatches(
        model,
        order.map((index) => texts[index] ?? ''),
        100,
      ),
      order,
    );
  }, 120_000);
});

describe('banking77-cascade', () => {
  it('says which model spoke, and says what that one says', async () => {
    const [cascade, ...stages] = await Promise.all(['banking77-cascade', ...STAGES].map(load));
    const texts = [...generateMessages({ seed: 8, count: 200 }), 'hello?', 'card'];
    const spoken = new Set<string>();
    for (const [index, said] of ((await cascade?.classify(texts)) ?? []).entries()) {
      if ('error' in said) throw said.error;
      const speaker = stages.find(({ id }) => id === said.by);
      spoken.add(said.by ?? '');
      const [alone] = (await speaker?.classify([texts[index] ?? ''])) ?? [];
      expect(best(said)).toEqual(best(alone));
    }
    expect([...spoken].sort()).toEqual(STAGES.map((name) => `${name}@1`).sort());
  });
});

describeWithBanking77('the shipped models on the test messages', () => {
  it.each([
    ['banking77-tfidf', 0.925],
    ['banking77-mini', 0.925],
    ['banking77-minilm', 0.93],
    ['banking77-cascade', 0.94],
  ])(
    '%s is as accurate as its card says',
    async (name, least) => {
      const messages = await testMessages();
      const said = await saidAlone(name);
      const right = said.filter(({ label }, index) => label === messages[index]?.label);
      const accuracy = right.length / messages.length;
      const { metrics } = JSON.parse(readFileSync(join(MODELS, name, '1', 'model.json'), 'utf8'));
      expect(accuracy).toBeGreaterThanOrEqual(least);
      expect(accuracy).toBeCloseTo(metrics.accuracy, 3);
    },
    60_000,
  );
});
