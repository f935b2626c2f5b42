import { InferenceSession } from '../../models/inference/onnxruntime.ts';

type Run = InferenceSession['run'];

/**
 * The bare model: every run of a graph that `work` makes is recorded, to be repeated without any other code. So the
 * batches are the same, however they were planned.
 *
 * @param work uses the model on this thread
 * @returns a function that repeats the runs, one after the other
 */
export const recordRuns = async (work: () => Promise<unknown>): Promise<() => Promise<void>> => {
  // A class, although its declarations have a factory.
  const { prototype } = InferenceSession as unknown as { readonly prototype: { run: Run } };
  const run = prototype.run;
  const runs: (() => Promise<unknown>)[] = [];
  prototype.run = async function (this: InferenceSession, ...parameters: Parameters<Run>) {
    runs.push(() => this.run(...parameters));
    return run.apply(this, parameters);
  } as Run;
  try {
    await work();
  } finally {
    prototype.run = run;
  }
  if (runs.length === 0)
    throw new Error('the model ran no graph on this thread, so there is nothing to repeat');
  return async () => {
    for (const again of runs) await again();
  };
};
