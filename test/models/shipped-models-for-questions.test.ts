import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type QuestionAnswerer,
  type QuestionInput,
  type Span,
  spansOf,
} from '../../src/tasks/question-answering.ts';
import { chunks } from '../../src/tools/chunks.ts';
import { generateParagraphs } from '../../src/tools/ingest/input/messages.ts';
import { must } from '../../src/errors.ts';
import { wire } from '../../src/wire/classify-stream.ts';
import { measureAnswer } from '../support/squad.ts';
import { xquadOr } from '../support/xquad.ts';

const MODELS = join(import.meta.dirname, '..', '..', 'models');
const NAME = 'squadshifts-minilm';

let model: QuestionAnswerer;
beforeAll(async () => {
  const { models } = await wire({
    DOCUMENTS_TABLE: 'documents',
    REJECTS_TABLE: 'rejects',
    MODEL: NAME,
    MODELS_DIR: MODELS,
  });
  model = (await models.load(`${NAME}@1`)) as QuestionAnswerer;
});

/** The best span of each question, or the code of the error in its place. */
const answered = async (
  inputs: readonly QuestionInput[],
  size: number,
): Promise<readonly (Span | string)[]> => {
  const found: (Span | string)[] = [];
  for (const batch of chunks(inputs, size))
    for (const prediction of await model.classify(batch))
      found.push('error' in prediction ? prediction.error.code : must(spansOf(prediction).spans[0], 'span'));
  return found;
};

const HOSTILE = [
  '🎉',
  'مرحبا',
  'e\u0301 \u0301',
  'a\0b',
  '\ud800 a',
  '卡在哪里',
  `${'x'.repeat(10_000)} y`,
  '[SEP]',
];

describe(NAME, () => {
  it('answers with a part of the context, whatever that is, and the same in any batch', async () => {
    const asked = HOSTILE.flatMap((text) => [
      { question: 'Where is it?', context: text },
      { question: text.slice(0, 40), context: `${text} It is here: ${text}` },
    ]);
    const paragraphs = [...generateParagraphs({ seed: 2, count: 20, questions: 5 })];
    const usual = paragraphs.flatMap(({ context, questions }, index) =>
      // Every fifth context takes several windows.
      questions.map((question) => ({ question, context: context.repeat(index % 5 === 0 ? 6 : 1) })),
    );
    const inputs = [...asked, ...usual];
    const alone = await answered(inputs, 1);
    for (const [index, span] of alone.entries()) {
      if (typeof span === 'string') continue;
      expect([...(inputs[index]?.context ?? '')].slice(span.start, span.end).join('')).toBe(span.answer);
      expect(span.score).toBeGreaterThan(0);
      expect(span.score).toBeLessThanOrEqual(1);
    }
    expect(alone.filter((span) => typeof span === 'string').length).toBeLessThan(5);
    for (const size of [7, 100]) expect(await answered(inputs, size)).toEqual(alone);
  }, 60_000);

  const xquad = xquadOr(`${NAME} on questions of XQuAD`);
  (xquad.length > 0 ? it : it.skip)(
    'answers as well as its card says: F1 of every fifth question of XQuAD',
    async () => {
      const all = xquad.flatMap(({ context, questions, references = [] }) =>
        questions.map((question, index) => ({ question, context, references: references[index] ?? [] })),
      );
      const some = all.filter((_, index) => index % 5 === 0);
      const spans = await answered(some, 100);
      const scores = some.map(({ references }, index) => {
        const span = spans[index];
        return typeof span === 'object' ? measureAnswer(span.answer, references).f1 : 0;
      });
      const f1 = (100 * scores.reduce((sum, score) => sum + score, 0)) / scores.length;
      const { metrics } = JSON.parse(readFileSync(join(MODELS, NAME, '1', 'model.json'), 'utf8'));
      // Of so few questions, it is a few percent off.
      expect(Math.abs(f1 - metrics.f1)).toBeLessThan(5);
    },
    60_000,
  );
});
