import { isDeepStrictEqual } from 'node:util';
import { DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { must } from '../../../errors.ts';
import { askVersion } from './ask.ts';
import { configureLatest, moveAlias, untilReady } from './change.ts';
import { mismatchText } from './examples.ts';
import { isVersionOf, listModelsLayers, type ModelsLayer } from './layer-versions.ts';
import { checkedId, localModel, localModels } from './local-models.ts';
import { chosen, describeChoice } from '../chosen-model.ts';
import { pruneVersions } from './prune.ts';
import type { StageModels } from './stage-models.ts';
import { verifyModel } from './check-examples.ts';
import { UserError } from '../../user-error.ts';

export interface UseOptions {
  /** Share of the invocations that it gets at first, from 0 to 1; all, unless given. */
  readonly canary?: number | undefined;
  /** Whether the examples are checked on the new version before it gets invocations. */
  readonly verify?: boolean;
}

/** The result of `useModel`. */
export interface Used {
  /** `unchanged`: it was in use already. */
  readonly kind: 'unchanged' | 'all' | 'canary';
  readonly version: string;
  /** The version that was in use, or goes on beside the canary. */
  readonly before: string;
  readonly share: number;
  /** Versions that were deleted because none goes back to them any more. */
  readonly pruned: readonly string[];
}

/**
 * Switches a stage to a default model: publishes a version of the function with it, checks the model's examples on that
 * version, and moves the alias `live` to it, or a share of the invocations. A second call without a share completes a
 * canary.
 *
 * @param id `name@version`, a model that a version of the stage's models layer holds
 * @throws UserError before anything is changed, except for an error of the new version itself, which then gets no
 *   invocations and is deleted
 */
export const useModel = async (
  stage: StageModels,
  id: string,
  { canary, verify = true }: UseOptions = {},
): Promise<Used> => {
  const { lambda, live, latest, names } = stage;
  const { functionName } = names;
  checkedId(id);
  const layer = await layerWith(stage, id);
  if (live.canary !== undefined) return continueCanary(stage, live.canary.version, id, canary);
  const layers = latest.layers.map((arn) => (isVersionOf(arn, names.layerName) ? layer.arn : arn));
  const before = live.main.version;
  if (live.main.model === id && live.main.layers.includes(layer.arn)) {
    // An interrupted rollback may have left it different.
    if (!isDeepStrictEqual([latest.variables, latest.layers], [live.main.variables, live.main.layers])) {
      await configureLatest(lambda, functionName, live.main);
    }
    return { kind: 'unchanged', version: before, before, share: 1, pruned: [] };
  }
  if (!layers.includes(layer.arn)) {
    throw new UserError(
      `${functionName} has no version of the layer ${names.layerName}, but: ${latest.layers.join(', ')}. Nothing was ` +
        'changed: run `serverless deploy`, which gives it one.',
    );
  }
  if (latest.codeSha256 !== live.main.codeSha256) {
    throw new UserError(
      `${functionName} has code that is not live yet (was it deployed with \`serverless deploy function\`?), and a new ` +
        'version would have it. Nothing was changed: run `serverless deploy` first.',
    );
  }
  if (verify) await requireExamples(stage, id);

  await configureLatest(lambda, functionName, { layers, variables: chosen(latest.variables, id, before) });
  const version = await publishVersion(stage, id, before);
  if (verify) await verifyOrUndo(stage, id, version);
  const share = canary ?? 1;
  if (share === 1) await moveAlias(lambda, functionName, version);
  else await moveAlias(lambda, functionName, before, { version, share });
  const pruned = await pruneVersions(lambda, functionName, version);
  return { kind: share === 1 ? 'all' : 'canary', version, before, share, pruned };
};

/** @throws UserError that lists the available models, where no version of the models layer has this one */
export const requirePublished = async (stage: StageModels, id: string): Promise<void> => {
  await layerWith(stage, id);
};

/** The newest version of the models layer that has a model. @throws UserError that lists the available models */
const layerWith = async (
  { root, lambda, names, name: stage }: StageModels,
  id: string,
): Promise<ModelsLayer> => {
  const local = await localModels(root);
  const layers = await listModelsLayers(lambda, names.layerName, [...local.keys()]);
  const found = layers.find(({ ids }) => ids.includes(id));
  if (found !== undefined) return found;
  const known = [...new Set(layers.flatMap(({ ids }) => ids))].toSorted().join(', ') || 'none that is known';
  const advice = local.has(id)
    ? `It is in models/ here: \`npm run model -- publish ${id} --stage ${stage}\` first.`
    : 'It is not in models/ here, either.';
  throw new UserError(
    `Model ${id} not found in any version of the layer ${names.layerName}; available: ${known}. ${advice} ` +
      'Nothing was changed.',
  );
};

const continueCanary = async (
  { lambda, names: { functionName }, live, name: stage }: StageModels,
  { version, model }: { readonly version: string; readonly model: string },
  id: string,
  share = 1,
): Promise<Used> => {
  if (model !== id) {
    throw new UserError(
      `A canary of ${model} is running. Nothing was changed: complete it with \`npm run model -- use ${model} --stage ` +
        `${stage}\` or end it with \`npm run model -- rollback --stage ${stage}\` first.`,
    );
  }
  const before = live.main.version;
  if (share === 1) await moveAlias(lambda, functionName, version);
  else await moveAlias(lambda, functionName, before, { version, share });
  return { kind: share === 1 ? 'all' : 'canary', version, before, share, pruned: [] };
};

const requireExamples = async ({ root }: StageModels, id: string): Promise<void> => {
  if ((await localModel(root, id)) !== undefined) return;
  throw new UserError(
    `Model ${id} has no folder in models/ here, so the answers expected for its examples are not known. Nothing was ` +
      'changed: get the version of the project that has it, or use it unchecked with --no-verify.',
  );
};

const publishVersion = async (
  { lambda, names: { functionName }, latest }: StageModels,
  id: string,
  before: string,
): Promise<string> => {
  const { Version } = await lambda.send(
    new PublishVersionCommand({
      FunctionName: functionName,
      CodeSha256: latest.codeSha256,
      Description: describeChoice(id, before),
    }),
  );
  const version = must(Version, 'Version of PublishVersion');
  await untilReady(lambda, functionName, version);
  return version;
};

/** A version with wrong answers gets no invocations and is deleted; `$LATEST` is restored. */
const verifyOrUndo = async (stage: StageModels, id: string, version: string): Promise<void> => {
  const { root, lambda, latest, names } = stage;
  const { functionName } = names;
  try {
    const { examples, mismatches } = await verifyModel(root, askVersion(lambda, functionName, version), id);
    if (mismatches.length > 0) throw new UserError(mismatchText(id, examples, mismatches));
  } catch (cause) {
    await configureLatest(lambda, functionName, latest);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `${reason}\nVersion ${version} was deleted; version ${stage.live.main.version} stays in use.`,
      { cause },
    );
  }
};
