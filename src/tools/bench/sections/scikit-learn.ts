import type { PeerProcess } from '../peers/peer-process.ts';
import { type Contender, median } from '../rounds.ts';
import type { LabelledTexts } from '../texts.ts';

/** A contender at a batch size, and the number of records in its round. */
export interface Measure {
  readonly contender: string;
  readonly batchSize: number;
  readonly records: number;
  readonly work: Contender;
}

/** Batches of the article. */
const SIZES = [1, 10, 100] as const;

/** Batches of the warm model. */
export const WARM_SIZES = [100, 1_000] as const;

/** The features of a model: words, as in the article, or those of our own. */
export const KINDS = { words: 'words', characters: 'characters, as ours' } as const;
export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as readonly Kind[];

export const warm = (kind: Kind): string => `scikit-learn warm (${KINDS[kind]})`;
export const loading = (kind: Kind): string =>
  `scikit-learn, model loaded in each invocation (${KINDS[kind]})`;
export const cold = (kind: Kind): string => `scikit-learn, each invocation a new process (${KINDS[kind]})`;

/**
 * scikit-learn with the model in memory, and as in the article: loaded in each invocation.
 *
 * @param invocations of each size in a round
 */
export const scikitLearn = async (
  peer: PeerProcess,
  training: LabelledTexts,
  texts: readonly string[],
  invocations: number,
): Promise<readonly Measure[]> => {
  const measures: Measure[] = [];
  for (const kind of kinds) {
    await peer.ask({ do: 'train', ...training, kind });
    const work =
      (what: 'run' | 'invoke', some: readonly string[], batchSize: number): Contender =>
      async () =>
        (await peer.ask<{ ms: number }>({ do: what, texts: some, batchSize, kind })).ms;
    for (const batchSize of WARM_SIZES) {
      const records = texts.length;
      measures.push({ contender: warm(kind), batchSize, records, work: work('run', texts, batchSize) });
    }
    for (const batchSize of SIZES) {
      const some = texts.slice(0, batchSize * invocations);
      const records = some.length;
      measures.push({ contender: loading(kind), batchSize, records, work: work('invoke', some, batchSize) });
    }
  }
  return measures;
};

/** The median ms of an invocation in a new process, as on a cold Lambda: a second each, so few. */
export const coldInvocations = async (
  peer: PeerProcess,
  texts: readonly string[],
  runs: number,
): Promise<readonly (Omit<Measure, 'work'> & { readonly ms: number })[]> => {
  const rows = [];
  for (const kind of kinds)
    for (const records of SIZES) {
      const times: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const request = { do: 'invokeCold', texts: texts.slice(0, records), kind };
        times.push((await peer.ask<{ ms: number }>(request)).ms);
      }
      rows.push({ contender: cold(kind), batchSize: records, records, ms: median(times) });
    }
  return rows;
};
