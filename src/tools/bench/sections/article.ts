import { must } from '../../../errors.ts';
import { labelsOf } from '../../../tasks/text-classification.ts';
import type { Classifier } from '../../../tasks/model.ts';
import { type BenchContext, firstOf, idOf, openModel } from '../context.ts';
import { eventsJson } from '../events.ts';
import { type Column, type Measurement, type Ratio, ratioOf, type Section } from '../../report/section.ts';
import { functionAlone } from './function.ts';
import { perSecond, speedOf, takeTurns } from '../rounds.ts';
import {
  cold,
  coldInvocations,
  kinds,
  loading,
  type Measure,
  scikitLearn,
  warm,
  WARM_SIZES,
} from './scikit-learn.ts';
import { ARTICLE_TEXT } from '../../costs/prices.ts';
import { type LabelledTexts, trainingTexts } from '../texts.ts';
import { chunks } from '../../chunks.ts';

/** The article's measurements for a batch of 100: 2019, Python, 192 MB. */
const ARTICLE_MS = 3_912;

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'batchSize', head: 'batch' },
  { key: 'recordsPerSecond', head: 'records/s', digits: 1 },
  { key: 'batchMs', head: 'ms a batch', digits: 2 },
];

const FUNCTION = 'ours, the function';
const MODEL = 'ours, the model alone';

/** Our classical model beside the article's design, which loads its model in every invocation, and a warm one. */
export const benchArticle = async (context: BenchContext): Promise<Section | undefined> => {
  const model = firstOf(context, 'sklearn');
  if (model === undefined) return undefined;
  const peer = await context.peers.open('scikit-learn');
  const { built, texts, quick, root } = context;
  const { messages } = texts;
  const id = idOf(model);
  const ours = await openModel(built, id);
  const theirs =
    peer === undefined
      ? []
      : await scikitLearn(
          peer,
          trainingTexts(root) ?? (await labelledBy(ours, messages)),
          messages,
          quick ? 3 : 10,
        );
  // Repeated, so that a round is long compared with the clock's resolution and a pause.
  const measures = [...ownMeasures(context, ours, id, quick ? 2 : 5), ...theirs];
  const contenders = Object.fromEntries(measures.map(({ work }, index) => [String(index), work]));
  const times = await takeTurns(contenders, { rounds: quick ? 3 : 5 });
  const timed = measures.map((measure, index) => ({
    ...measure,
    ms: must(times[String(index)], measure.contender),
  }));
  const invocations = peer === undefined ? [] : await coldInvocations(peer, messages, quick ? 1 : 3);
  const figures = [...timed, ...invocations.map((one) => ({ ...one, ms: { value: one.ms, rounds: [] } }))];
  const rows = figures.map(({ contender, batchSize, records, ms }) => ({
    contender,
    batchSize,
    recordsPerSecond: perSecond(records, ms.value),
    batchMs: (ms.value * batchSize) / records,
  }));
  return {
    id: 'article',
    title: `${id} beside the design of the 2019 article (${ARTICLE_TEXT}), one thread`,
    ratios: ratios((contender, size) => {
      const found = figures.find((one) => one.contender === contender && one.batchSize === size);
      return found && speedOf(found.records, found.ms);
    }),
    columns: COLUMNS,
    rows,
    notes: [
      `Texts: ${texts.source}; the function's are generated.`,
      `The article's own figure is ${ARTICLE_MS} ms for 100 predictions on 192 MB in 2019, on another machine.`,
      ...(peer === undefined ? [`scikit-learn: ${context.peers.state()['scikit-learn'] ?? ''}`] : []),
    ],
  };
};

const ownMeasures = (
  { built, texts }: BenchContext,
  ours: Classifier,
  id: string,
  repeats: number,
): readonly Measure[] => {
  const repeated = Array.from({ length: repeats }, () => texts.messages).flat();
  const events = [
    ...eventsJson(
      must(built.environment.DOCUMENTS_TABLE, 'DOCUMENTS_TABLE of the function'),
      repeated.length,
    ),
  ];
  const run = functionAlone(built, id);
  return [
    {
      contender: FUNCTION,
      batchSize: 100,
      records: repeated.length,
      work: async () => {
        for (const json of events) await run(json);
        return undefined;
      },
    },
    ...WARM_SIZES.map((batchSize) => ({
      contender: MODEL,
      batchSize,
      records: repeated.length,
      work: async () => {
        for (const batch of chunks(repeated, batchSize)) await ours.classify(batch);
        return undefined;
      },
    })),
  ];
};

/** @param speed of a contender at a batch size, in records/s */
const ratios = (speed: (contender: string, size: number) => Measurement | undefined): readonly Ratio[] => {
  const ours = speed(FUNCTION, 100);
  const article = { atLeast: 100 };
  const design = "the function over the article's design, batches of 100";
  return [
    ...ratioOf(`${design}, model loaded in each invocation`, ours, speed(loading('words'), 100), article),
    ...ratioOf(`${design}, each invocation a new process`, ours, speed(cold('words'), 100), article),
    ...ratioOf(`${design}, its own figure`, ours, perSecond(100, ARTICLE_MS)),
    ...WARM_SIZES.flatMap((size) =>
      kinds.flatMap((kind) =>
        ratioOf(
          `the model alone over ${warm(kind)}, batches of ${size.toLocaleString('en-US')}`,
          speed(MODEL, size),
          speed(warm(kind), size),
          { atLeast: 0.8 },
        ),
      ),
    ),
  ];
};

/** Without the training messages, our model's labels are used instead of theirs: that does not affect the speed. */
const labelledBy = async (ours: Classifier, texts: readonly string[]): Promise<LabelledTexts> => {
  const answers = await ours.classify(texts);
  return {
    texts,
    labels: answers.map((answer) =>
      'error' in answer ? '' : must(labelsOf(answer).labels[0], 'label').label,
    ),
  };
};
