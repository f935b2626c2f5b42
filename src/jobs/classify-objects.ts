import { must } from '../errors.ts';
import type { Manifest, ObjectOutcome, ShardTask } from '../pipeline/objects/run.ts';
import { UNMETERED } from '../pipeline/meter.ts';
import { wireJob } from '../wire/jobs.ts';
import { objectsBelow, objectsListed } from './input.ts';
import type { ObjectName } from '../pipeline/objects/object-store.ts';
import type { JobKind, TaskName } from './job-kind.ts';
import { type JobPlan, planJob } from './plan.ts';
import { planKey, sharedPlan } from './shared-plan.ts';
import type { ShardResult } from './shard-work.ts';

/** Plans the shards of a job's objects. */
const planObjects = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<JobPlan> => {
  const { config, store, runs, input, output, isKnown } = await wireJob(env, { loadsModels: false });
  const { AWS_BATCH_JOB_ID: id, AWS_BATCH_JOB_ARRAY_INDEX: index } = config;
  const objects = 'list' in input ? objectsListed(store, input.list) : objectsBelow(store, input.below);
  const make = () => planJob(objects, { runs, output, isKnown }, signal);
  // A job of one process has nobody to agree with.
  if (id === undefined) return make();
  const name = { bucket: output.bucket, key: planKey(output.prefix, id) };
  return sharedPlan(store, name, make, { isMaker: index === 0, signal });
};

/** Classifies objects: those below a prefix, or those that a list names. */
export const classifyObjects = {
  plan: planObjects,
  open: async (env) => {
    const { runs, models } = await wireJob(env, { loadsModels: true });
    // A model that cannot be loaded is no fault of a shard.
    for (const model of models.resolve()) await models.load(model.id);
    let listener: (texts: number) => void = () => undefined;
    const meter = { ...UNMETERED, inferences: (texts: number) => listener(texts) };
    return {
      onTexts: (listen) => {
        listener = listen;
      },
      work: async (task, signal) => resultOf(await runs.classify(task, signal, meter)),
    };
  },
  nameOf: (task) => shardName(task),
} satisfies JobKind<ShardTask>;

export const shardName = ({ run, shard }: ShardTask): TaskName<ObjectName> => ({
  whole: run.id,
  place: { bucket: run.source.bucket, key: run.source.key },
  shard: `${shard.index + 1}/${shard.count}`,
  model: run.model,
});

const resultOf = (outcome: ObjectOutcome): ShardResult => {
  if (outcome.kind !== 'done') return outcome;
  const { status, error } = outcome.manifest;
  const counts = countsOf(outcome.manifest);
  if (status === 'complete') return { kind: 'done', ...counts };
  const { code, message } = must(error, 'error of a manifest that is not complete');
  return { kind: 'failed', reason: `${status}: ${code}: ${message}`, ...counts };
};

const countsOf = ({
  counts: { lines, labelled, errors },
}: Manifest): Pick<ShardResult, 'counts' | 'errors'> => ({
  counts: { lines, labelled },
  errors,
});
