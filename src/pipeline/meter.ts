/** The steps of a batch whose time is reported. */
export const STEPS = ['decode', 'classify', 'store', 'quarantine'] as const;
export type Step = (typeof STEPS)[number];

/** Measures a batch. The pipeline has no clock of its own. */
export interface Meter {
  /** Texts that went through a model. */
  inferences(texts: number): void;
  /** Calls to the label store that were retried. */
  retries(calls: number): void;
  /** Runs a step and measures its time. */
  step<T>(name: Step, work: () => Promise<T>): Promise<T>;
}

/** Measures nothing. */
export const UNMETERED: Meter = {
  inferences: () => undefined,
  retries: () => undefined,
  step: (_, work) => work(),
};
