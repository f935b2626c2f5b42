import type { Model } from '../tasks/model.ts';
import type { Answered } from '../tasks/scored-answers.ts';

/** The steps of a batch whose time is reported. */
export const STEPS = ['decode', 'classify', 'store', 'quarantine'] as const;
/** The step that only a function with a destination for its labels has. */
export const FORWARD = 'forward';
export type Step = (typeof STEPS)[number] | typeof FORWARD;

/** Measures a batch. The pipeline has no clock of its own. */
export interface Meter {
  /** Texts that went through a model. */
  inferences(texts: number): void;
  /** What a model says of distinct inputs. */
  answered(model: Model, answers: readonly Answered[]): void;
  /** Calls to the label store that were retried. */
  retries(calls: number): void;
  /** Events of labels that were forwarded, and those that were not. */
  forwarded(sent: number, failed: number): void;
  /** Runs a step and measures its time. */
  step<T>(name: Step, work: () => Promise<T>): Promise<T>;
}

/** Measures nothing. */
export const UNMETERED: Meter = {
  inferences: () => undefined,
  answered: () => undefined,
  retries: () => undefined,
  forwarded: () => undefined,
  step: (_, work) => work(),
};
