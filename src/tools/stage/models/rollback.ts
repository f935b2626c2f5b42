import { configureLatest, moveAlias } from './change.ts';
import { readVersion } from '../live.ts';
import { versionBefore } from '../chosen-model.ts';
import type { StageModels } from './stage-models.ts';
import { UserError } from '../../user-error.ts';

export interface RolledBack {
  /** Whether a canary was ended, or the former version is in use again. */
  readonly kind: 'canary-ended' | 'back';
  /** The version in use now, and its model. */
  readonly version: string;
  readonly model: string;
  /** The version that was left, and its model. */
  readonly left: string;
  readonly leftModel: string;
}

/**
 * Reverts the last `use`: ends a canary, or moves the alias to the version that was live before. Repeated, it goes back
 * as far as the last deployment, and never to other code.
 *
 * @throws UserError where there is nothing to roll back to
 */
export const rollBack = async ({ lambda, live, names, name: stage }: StageModels): Promise<RolledBack> => {
  const { functionName } = names;
  const { main, canary } = live;
  if (canary !== undefined) {
    await moveAlias(lambda, functionName, main.version);
    await configureLatest(lambda, functionName, main);
    const { version: left, model: leftModel } = canary.version;
    return { kind: 'canary-ended', version: main.version, model: main.model, left, leftModel };
  }
  const before = versionBefore(main.description);
  if (before === undefined) {
    throw new UserError(
      `Nothing to roll back to: version ${main.version} (${main.model}) was put in use by a deployment, not by ` +
        '`npm run model -- use`. Nothing was changed. Choose a model with ' +
        `\`npm run model -- use NAME@VERSION --stage ${stage}\`, or go back to the former code and models with ` +
        `\`npx serverless rollback --stage ${stage}\`.`,
    );
  }
  const target = await readVersion(lambda, functionName, before);
  if (target === undefined) {
    throw new UserError(
      `Nothing to roll back to: version ${before}, which was in use before version ${main.version}, was deleted. ` +
        `Nothing was changed. Choose a model with \`npm run model -- use NAME@VERSION --stage ${stage}\`.`,
    );
  }
  await moveAlias(lambda, functionName, target.version);
  // The next version, of a deployment or of another model, is published from what is live.
  await configureLatest(lambda, functionName, target);
  const { version: left, model: leftModel } = main;
  return { kind: 'back', version: target.version, model: target.model, left, leftModel };
};
