import type { LabelPrediction } from '../../src/tasks/label-scores.ts';
import type { QuestionInput, QuestionPrediction } from '../../src/tasks/question-answering.ts';
import { taskOf } from '../../src/tasks/tasks.ts';
import type { TextInput } from '../../src/tasks/text-classification.ts';
import { PermanentError, TransientError } from '../../src/errors.ts';
import type { Deadline } from '../../src/pipeline/deadline.ts';
import type { LabelBatchSettings } from '../../src/pipeline/label-batch.ts';
import type { Input, Model } from '../../src/tasks/model.ts';
import type {
  LabelStore,
  LabelWrite,
  Reject,
  RejectStore,
  WriteResult,
} from '../../src/pipeline/destinations.ts';
import { textAttribute } from '../../src/tasks/item-text.ts';
import { READER, toyModels as hashingToys, UNSCORABLE } from '../../src/tools/chaos/histories/toy-models.ts';
import { MODEL, TABLE } from './documents.ts';

export const SETTINGS: LabelBatchSettings = {
  table: TABLE,
  keyAttributes: ['id'],
  textAttributes: [
    textAttribute('text'),
    textAttribute('textblob', 'json'),
    textAttribute('message.body'),
    textAttribute('parts[1].text'),
  ],
  modelAttribute: 'model_type',
  maxTextCharacters: 100,
  chunkSize: 2,
  deadlineMarginMs: 100,
};

export const NO_DEADLINE: Deadline = {
  remainingMs: () => 60_000,
  signal: () => new AbortController().signal,
};

/**
 * Toy models that label a text with its length, and count the texts they are given; what `tone` and `rival` say begins
 * with their name. `reader` answers with the first word of the context.
 */
export const toyModels = () => {
  const texts: string[] = [];
  const asked: string[] = [];
  const say = (input: Input, { id, task }: Model): LabelPrediction | QuestionPrediction => {
    const { failing } = models;
    if (failing === true || (failing && failing.includes(id))) throw new Error('out of memory');
    if (task === READER.task) return answered(input as QuestionInput);
    const text = textOf(input as TextInput);
    texts.push(text);
    asked.push(`${id} ${text}`);
    if (text === UNSCORABLE || text === `no ${id}`)
      return { error: new PermanentError('bad-score', 'not a number') };
    return { labels: [{ label: `${id === MODEL.id ? '' : `${id} `}length-${text.length}`, score: 0.5 }] };
  };
  const answered = ({ question, context }: QuestionInput): QuestionPrediction => {
    texts.push(question);
    asked.push(`${READER.id} ${question} | ${context}`);
    if (question === UNSCORABLE) return { error: new PermanentError('bad-score', 'not a number') };
    const [answer = ''] = context.split(' ');
    return { spans: [{ answer, score: 0.5, start: 0, end: [...answer].length }] };
  };
  const models = {
    ...hashingToys(say),
    /** The texts, in the order in which they were given to any model. */
    texts,
    /** `id text` of each. */
    asked,
    /** Models that cannot run: all of them, or those with these ids. */
    failing: false as boolean | readonly string[],
  };
  return models;
};

const textOf = (input: TextInput): string =>
  typeof input === 'string' ? input : `${input.text} | ${input.textPair}`;

/** The first label of a write. */
export const firstLabel = ({ labels }: LabelWrite): string | undefined => {
  const [first] = labels;
  if (first?.answer === undefined || 'error' in first.answer) return undefined;
  return taskOf(first.model).attributesOf(first.answer, 'label')[0]?.value.S as string | undefined;
};

/** A label store in memory; `answer` may decide about a write before it is stored. */
export const memoryLabels = (answer: (write: LabelWrite) => WriteResult | undefined = () => undefined) => {
  const labels = new Map<string, string>();
  const writes: LabelWrite[] = [];
  const store: LabelStore = {
    put: async (given) =>
      given.map((write) => {
        const result = answer(write) ?? { kind: 'labelled' };
        writes.push(write);
        const label = firstLabel(write);
        if (result.kind === 'labelled' && label !== undefined) labels.set(write.document.item.name, label);
        return result;
      }),
  };
  return { ...store, labels, writes };
};

/** A reject store in memory, which may be out of order. */
export const memoryRejects = (): RejectStore & { readonly rejects: Reject[]; failing: boolean } => {
  const store = {
    rejects: [] as Reject[],
    failing: false,
    put: async (rejects: readonly Reject[]) => {
      if (store.failing) throw new TransientError('throttled');
      store.rejects.push(...rejects);
    },
  };
  return store;
};
