import type { LabelStoreName } from '../../stores/label-stores.ts';

/** The speed of a model's function, on one vCPU. */
export interface MeasuredModel {
  /** Records a second, event to labels ready to write, without DynamoDB. */
  readonly recordsPerSecond: number;
  /** Characters of the texts that it was measured with. */
  readonly textCharacters: number;
  /** The highest resident memory of an environment, in MB. */
  readonly memoryMB: number;
  /** Files of a version, and their MB; absent where they are not known. */
  readonly files?: { readonly count: number; readonly megabytes: number };
}

/**
 * The figures for plans, measured on one thread of a shared AMD EPYC with two cores, Node.js 24, with `npm run bench` and
 * `npm start`, on generated messages; the cascade's speed on Banking77's test messages, of which its first stage answers
 * most (of generated ones it does 1,300). A vCPU of Lambda may be slower or faster: measure in a stage
 * (`npm start -- --stage`) before relying on a plan.
 */
export const MEASURED: {
  readonly asOf: string;
  readonly models: Readonly<Record<string, MeasuredModel>>;
  readonly storeMs: Readonly<Record<LabelStoreName, number>>;
  readonly skipMs: number;
  readonly invocationMs: number;
  readonly requestMs: number;
  readonly shard: Readonly<Record<'only' | 'each', { readonly writes: number; readonly reads: number }>>;
} = {
  asOf: '2026-11',
  models: {
    'banking77-tfidf': {
      recordsPerSecond: 74_000,
      textCharacters: 60,
      memoryMB: 180,
      files: { count: 5, megabytes: 4.6 },
    },
    'banking77-mini': {
      recordsPerSecond: 2_100,
      textCharacters: 60,
      memoryMB: 190,
      files: { count: 7, megabytes: 13 },
    },
    'banking77-minilm': {
      recordsPerSecond: 1_100,
      textCharacters: 60,
      memoryMB: 210,
      files: { count: 7, megabytes: 24 },
    },
    'banking77-cascade': {
      recordsPerSecond: 8_000,
      textCharacters: 60,
      memoryMB: 230,
      files: { count: 21, megabytes: 41.6 },
    },
  },
  /**
   * ms of a vCPU that writing one label takes, the embedded DynamoDB's own time included. `partiql` is not measured
   * against AWS: it takes as many labels a call as `labels-table`, and counts as much.
   */
  storeMs: { partiql: 0.29, 'update-item': 0.97, 'labels-table': 0.29 },
  /** ms for a change that needs no work, such as a label that is written back. */
  skipMs: 0.005,
  /** ms of an invocation independent of its batch. */
  invocationMs: 10,
  /** ms of a request over HTTP independent of its texts, with what Lambda rounds up. */
  requestMs: 2,
  /** Requests to S3 for the only shard of an object, and for each of several with its share of the assembly. */
  shard: { only: { writes: 2, reads: 6 }, each: { writes: 8, reads: 11 } },
};
