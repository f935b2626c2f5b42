import { ModelError } from '../../errors.ts';
import type { Classifier, Input, Prediction } from '../../tasks/model.ts';
import type { Task } from '../../tasks/task.ts';
import { taskNames, taskOf } from '../../tasks/tasks.ts';
import * as z from 'zod';
import { modelId, type ModelFolder, toModel } from '../folder/model-folder.ts';
import type { KnownModel, LoadedModel, OtherModels } from '../loaded-model.ts';
import { common, type Format, manifestOf, probability } from './format.ts';

const reference = z.string().regex(/^[\w.-]+(@[\w.-]+)?$/, 'should be a "name" or a "name@version"');

/** Models run in turn: a stage's answer is final if its probability reaches the threshold; the last one's always is. */
const schema = z
  .strictObject({
    ...common,
    format: z.literal('cascade'),
    task: z.literal(taskNames).default('text-classification'),
    labels: z.array(z.string().min(1)).min(1).optional(),
    stages: z.array(z.strictObject({ model: reference, threshold: probability.optional() })).min(2),
  })
  .superRefine(({ name, version, stages }, { addIssue }) => {
    for (const [index, { model, threshold }] of stages.entries()) {
      const fault = (field: string, message: string) =>
        addIssue({ code: 'custom', path: ['stages', index, field], message });
      const isLast = index === stages.length - 1;
      if (isLast && threshold !== undefined)
        fault('threshold', 'the last stage always answers; leave it out');
      if (!isLast && threshold === undefined) fault('threshold', 'every stage but the last needs one');
      if (model === name || model === `${name}@${version}`) fault('model', 'is the cascade itself');
    }
  });

export type CascadeManifest = Readonly<z.infer<typeof schema>>;

type Find = OtherModels['find'];

/** A model of a cascade, and the probability from which its answer is final. */
interface Stage {
  readonly id: string;
  /** 0 for the last one: its answer is always final. */
  readonly threshold: number;
}

/**
 * Models run in turn: each answers the texts for which it is confident enough, and passes the rest to the next one,
 * all in one batch. A text that a stage cannot classify is passed on, too; the result of the last stage is final, also
 * if it is an error.
 *
 * The stages are other models of the registry: loaded when first used, and never released while the cascade runs.
 *
 * @throws ModelError where a stage is not found, the stages contain the cascade or do not have the same labels
 */
export const loadCascade = async (folder: ModelFolder, models: OtherModels): Promise<LoadedModel> => {
  const model = toModel({ manifest: manifestOf<CascadeManifest>(folder, cascade) });
  const task = taskOf(model);
  const leaves = leavesOf(folder, models.find).map((leaf) => leaf.id);
  const stages = stagesOf(folder, models.find);

  const ask = async (texts: readonly Input[]): Promise<readonly Prediction[]> => {
    const predictions = new Array<Prediction>(texts.length);
    let left = [...texts.keys()];
    for (const stage of stages) {
      if (left.length === 0) break;
      const model = await models.handle(stage.id);
      const stagePredictions = await predictionsOf(
        model,
        left.flatMap((index) => texts[index] ?? []),
      );
      left = left.filter((index, position) => {
        const prediction = stagePredictions[position] as Prediction;
        predictions[index] = withSource(stage.id, prediction);
        return !isConfident(prediction, stage, task);
      });
    }
    return predictions;
  };

  return { ...model, classify: (texts) => models.hold(leaves, () => ask(texts)) };
};

/**
 * The models that do the inference of a model: for a cascade those of its stages, for any other model itself.
 *
 * @throws ModelError as `loadCascade` does
 */
export const leavesOf = (model: ModelFolder, find: Find): readonly KnownModel[] => {
  const leaves = [...new Map(expand(model, find, []).map((leaf) => [leaf.id, leaf])).values()];
  const { task } = model.manifest;
  const foreign = leaves.find(({ manifest }) => manifest.task !== task);
  if (foreign !== undefined)
    throw new ModelError(
      `${model.folder}: its task is ${task}, that of its stage ${foreign.id} is ${foreign.manifest.task}; a cascade needs stages of its own task`,
    );
  const labelled = leaves.flatMap(({ id, manifest: { labels } }) => (labels ? [{ id, labels }] : []));
  const [first, ...others] = labelled;
  const odd = others.find(({ labels }) => namesOf(labels) !== namesOf(first?.labels ?? []));
  if (odd === undefined) return leaves;
  throw new ModelError(
    `${model.folder}: its stages ${first?.id} and ${odd.id} give different labels; a cascade needs the same ones`,
  );
};

const namesOf = (labels: readonly string[]): string => JSON.stringify([...new Set(labels)].sort());

const expand = (model: ModelFolder, find: Find, path: readonly string[]): readonly KnownModel[] => {
  const { folder, manifest } = model;
  const id = modelId(manifest);
  if (manifest.format !== cascade.name) return [{ folder, manifest, ...toModel(model) }];
  if (path.includes(id))
    throw new ModelError(`${folder}: cascade ${[...path, id].join(' → ')} contains itself`);
  return stagesOf(model, find).flatMap(({ model: stage }) => expand(stage, find, [...path, id]));
};

const stagesOf = (model: ModelFolder, find: Find): readonly (Stage & { readonly model: KnownModel })[] =>
  manifestOf<CascadeManifest>(model, cascade).stages.map(({ model: name, threshold = 0 }) => {
    const stage = find(name);
    if (stage !== undefined) return { id: stage.id, threshold, model: stage };
    throw new ModelError(`${model.folder}: stage ${name} not found; add it to the catalogue`);
  });

/** @throws Error where the number of predictions is wrong: no answer is better than the answer of another text */
const predictionsOf = async (model: Classifier, texts: readonly Input[]): Promise<readonly Prediction[]> => {
  const predictions = await model.classify(texts);
  if (predictions.length === texts.length) return predictions;
  throw new Error(`${model.id} gave ${predictions.length} predictions for ${texts.length} texts`);
};

const isConfident = (prediction: Prediction, { threshold }: Stage, task: Task): boolean =>
  !('error' in prediction) && task.confidenceOf(prediction) >= threshold;

const withSource = (id: string, prediction: Prediction): Prediction =>
  'error' in prediction ? prediction : { ...prediction, by: prediction.by ?? id };

/** Models run in turn. A cascade takes no memory besides that of its stages. */
export const cascade = {
  name: 'cascade',
  schema,
  looksLike: (_, content) => 'stages' in content,
  filesOf: () => [],
  load: (model, _, others) => loadCascade(model, others),
  details: ({ manifest: { labels } }) => ({ labels }),
  bytes: () => 0,
  filesToShip: ({ manifest }) => ({ files: [], manifest }),
} satisfies Format<CascadeManifest>;
