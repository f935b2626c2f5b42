/** The steps of a batch whose time is told. */
export const STEPS = ['decode', 'classify', 'store', 'quarantine'] as const;
export type Step = (typeof STEPS)[number];

/** Hears what a batch takes. The pipeline has no clock of its own. */
export interface Meter {
  /** Texts that went through a model. */
  inferences(texts: number): void;
  /** Calls to the label store that were made again. */
  retries(calls: number): void;
  /** Runs a step and takes its time. */
  step<T>(name: Step, work: () => Promise<T>): Promise<T>;
}

/** Takes no measure. */
export const UNMETERED: Meter = {
  inferences: () => undefined,
  retries: () => undefined,
  step: (_, work) => work(),
};
