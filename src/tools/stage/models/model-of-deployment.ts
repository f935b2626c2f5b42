import type { FunctionVersion, Live } from '../live.ts';
import { resolveId } from './local-models.ts';
import { isChosenByUser, KEPT, MODEL_VARIABLE, overruled } from '../chosen-model.ts';
import { UserError } from '../../user-error.ts';

/** The models of a deployment. */
export interface Deployment {
  readonly stage: string;
  /** The model of `serverless.yml`, or of `--param="model=…"`. */
  readonly model: string;
  /** Whether it was given for this one deployment. */
  readonly isExplicit: boolean;
  /** What is in the project's `models/`, as `name@version`: what the deployed layer will hold. */
  readonly ids: readonly string[];
  /** What the stage has; absent where it was never deployed. */
  readonly stageHas?: { readonly live: Live; readonly latest: FunctionVersion } | undefined;
}

export interface DeployedModel {
  /** What the function's environment gets. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the user should know. */
  readonly notice?: string;
}

/**
 * The model that a deployment gives a stage: the one that a user has chosen for the stage with `npm run model -- use`,
 * unless this deployment names another; else that of `serverless.yml`.
 *
 * @throws UserError where the model would not be in the layer, and while a canary runs: CloudFormation would move the
 *   alias in the middle of it
 */
export const deployedModel = ({ stage, model, isExplicit, ids, stageHas }: Deployment): DeployedModel => {
  const command = (words: string): string => `\`npm run model -- ${words} --stage ${stage}\``;
  if (stageHas?.live.canary !== undefined) {
    const id = stageHas.live.canary.version.model;
    throw new UserError(
      `A canary of ${id} is running in stage ${stage}, and a deployment would end it silently. Nothing was changed: ` +
        `complete it with ${command(`use ${id}`)} or end it with ${command('rollback')} first.`,
    );
  }
  const live = stageHas?.live.main;
  const kept = live !== undefined && isChosenByUser(live.variables) ? live : undefined;
  if (kept !== undefined && stageHas?.latest.model !== kept.model) {
    throw new UserError(
      `Stage ${stage} uses ${kept.model}, but its next version would have ${stageHas?.latest.model}: a change of models ` +
        `was interrupted. Nothing was changed: run ${command(`use ${kept.model}`)} first.`,
    );
  }
  const chosen = kept === undefined || isExplicit ? model : kept.model;
  if (resolveId(chosen, ids) === undefined) {
    const origin =
      chosen === kept?.model
        ? `which stage ${stage} uses by ${command(`use ${chosen}`)}`
        : 'which serverless.yml or --param names';
    throw new UserError(
      `Model ${chosen}, ${origin}, was not found in models/; available: ${ids.join(', ')}. Nothing was changed: get the ` +
        'version of the project that has it, or choose one of these with --param="model=NAME@VERSION".',
    );
  }
  if (kept === undefined) return { variables: { [MODEL_VARIABLE]: model } };
  if (isExplicit) {
    const notice = `Model ${model} instead of ${kept.model}, which ${command(`use ${kept.model}`)} had chosen.`;
    return { variables: { [MODEL_VARIABLE]: model, ...overruled(kept.version) }, notice };
  }
  const notice =
    `Model ${kept.model} stays in use, as ${command(`use ${kept.model}`)} has chosen; serverless.yml names ${model}. ` +
    `To have that: --param="model=${model}".`;
  return {
    variables: { [MODEL_VARIABLE]: kept.model, ...KEPT },
    ...(resolveId(model, ids) !== kept.model && { notice }),
  };
};
