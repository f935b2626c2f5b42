import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../user-error.ts';
import type { ModelFunction } from './functions.ts';
import { isVersionOf, type ModelsLayer } from './layer-versions.ts';
import type { Move } from './move-aliases.ts';
import type { ToPublish } from './next-version.ts';
import type { StageModels } from './stage-models.ts';

/** What a function needs: a version that it has, or one to be published. */
export interface Planned {
  readonly subject: ModelFunction;
  readonly version?: string;
  readonly publish?: ToPublish;
}

/** @throws UserError where the function cannot get the model; nothing was changed */
export const planOf = (
  stage: StageModels,
  subject: ModelFunction,
  id: string,
  layer: ModelsLayer,
): Planned => {
  const { functionName, live, latest } = subject;
  const { layerName } = stage.names;
  if (live.canary !== undefined) {
    const { model, version } = live.canary.version;
    if (model === id) return { subject, version };
    throw new UserError(
      `A canary of ${model} is running. Nothing was changed: complete it with \`npm run model -- use ${model} --stage ` +
        `${stage.name}\` or end it with \`npm run model -- rollback --stage ${stage.name}\` first.`,
    );
  }
  if (live.main.model === id && live.main.layers.includes(layer.arn))
    return { subject, version: live.main.version };
  const layers = latest.layers.map((arn) => (isVersionOf(arn, layerName) ? layer.arn : arn));
  if (!layers.includes(layer.arn)) {
    throw new UserError(
      `${functionName} has no version of the layer ${layerName}, but: ${latest.layers.join(', ')}. Nothing was ` +
        'changed: run `serverless deploy`, which gives it one.',
    );
  }
  if (latest.codeSha256 !== live.main.codeSha256) {
    throw new UserError(
      `${functionName} has code that is not live yet (was it deployed with \`serverless deploy function\`?), and a new ` +
        'version would have it. Nothing was changed: run `serverless deploy` first.',
    );
  }
  return { subject, publish: { subject, layers } };
};

export const isDifferent = ({ live: { main }, latest }: ModelFunction): boolean =>
  !isDeepStrictEqual([latest.variables, latest.layers], [main.variables, main.layers]);

/** @returns undefined where the alias leads there already */
export const moveOf = (
  { functionName, live }: ModelFunction,
  version: string,
  share = 1,
): Move | undefined => {
  const from = {
    version: live.main.version,
    ...(live.canary && { canary: { version: live.canary.version.version, share: live.canary.share } }),
  };
  if (live.canary === undefined && version === from.version) return undefined;
  const to = share === 1 ? { version } : { version: from.version, canary: { version, share } };
  return { functionName, from, to };
};
