import { must } from '../../../errors.ts';
import { configureLatest } from './change.ts';
import { type ModelFunction, modelFunctions } from './functions.ts';
import { MoveError, moveAliases } from './move-aliases.ts';
import { isDifferent, moveOf } from './plan-use.ts';
import { type FunctionVersion, readVersion } from '../live.ts';
import { versionBefore } from '../chosen-model.ts';
import type { StageModels } from './stage-models.ts';
import { UserError } from '../../user-error.ts';

/** A function that has a former version in use again. */
export interface BackAt {
  readonly functionName: string;
  /** The version in use now, and its model. */
  readonly version: string;
  readonly model: string;
  /** The version that was left, and its model. */
  readonly left: string;
  readonly leftModel: string;
}

/** The function of the stream, and those that went back with it. */
export interface RolledBack extends BackAt {
  /** Whether a canary was ended, or the former version is in use again. */
  readonly kind: 'canary-ended' | 'back';
  readonly others: readonly BackAt[];
  /** Functions with another model that have no version with that one to go back to. */
  readonly stay: readonly Pick<BackAt, 'functionName' | 'version' | 'model'>[];
}

/**
 * Reverts the last `use`: ends a canary, or moves the aliases to the versions that were live before, all or none. Repeated,
 * it goes back as far as the last deployment, and never to other code.
 *
 * @throws UserError where there is nothing to roll back to, or an alias cannot be moved
 */
export const rollBack = async (stage: StageModels): Promise<RolledBack> => {
  const { lambda, name } = stage;
  const functions = await modelFunctions(stage);
  const subject = must(functions.at(-1), 'function of the stream');
  const { main, canary } = subject.live;
  const target = canary === undefined ? await former(stage, main) : main;
  const targets: (readonly [one: ModelFunction, target: FunctionVersion])[] = [];
  for (const one of functions) {
    const its = one === subject ? target : await matching(stage, one, target.model);
    if (its !== undefined) targets.push([one, its]);
  }
  const moves = targets.flatMap(([one, its]) => moveOf(one, its.version) ?? []);
  await moveAliases(lambda, moves).catch((cause: unknown) => {
    throw cause instanceof MoveError ? notBack(cause, name) : cause;
  });
  // The next version, of a deployment or of another model, is published from what is live.
  for (const [one, its] of targets)
    if (one === subject || its !== one.live.main || isDifferent(one))
      await configureLatest(lambda, one.functionName, its);
  const moved = targets.filter(([{ functionName }]) =>
    moves.some((move) => move.functionName === functionName),
  );
  return {
    ...backAt(subject, target),
    kind: canary === undefined ? 'back' : 'canary-ended',
    others: moved.filter(([one]) => one !== subject).map(([one, its]) => backAt(one, its)),
    stay: functions
      .filter((one) => !targets.some(([found]) => found === one))
      .map(({ functionName, live }) => ({
        functionName,
        version: live.main.version,
        model: live.main.model,
      })),
  };
};

const backAt = ({ functionName, live }: ModelFunction, { version, model }: FunctionVersion): BackAt => {
  const { version: left, model: leftModel } = live.canary?.version ?? live.main;
  return { functionName, version, model, left, leftModel };
};

/** The version of the stream's function that was live before. @throws UserError where there is none */
const former = async (
  { lambda, names: { functionName }, name: stage }: StageModels,
  main: FunctionVersion,
): Promise<FunctionVersion> => {
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
  if (target !== undefined) return target;
  throw new UserError(
    `Nothing to roll back to: version ${before}, which was in use before version ${main.version}, was deleted. ` +
      `Nothing was changed. Choose a model with \`npm run model -- use NAME@VERSION --stage ${stage}\`.`,
  );
};

/** The version of another function with that model: what is live, or what was before; undefined where neither has it. */
const matching = async (
  { lambda }: StageModels,
  { functionName, live: { main } }: ModelFunction,
  model: string,
): Promise<FunctionVersion | undefined> => {
  if (main.model === model) return main;
  const before = versionBefore(main.description);
  const found = before === undefined ? undefined : await readVersion(lambda, functionName, before);
  return found?.model === model ? found : undefined;
};

const notBack = ({ message, stuck, cause }: MoveError, stage: string): UserError => {
  const lines = stuck.map(({ functionName, to }) => `${functionName} has version ${to.version} again`);
  const after =
    stuck.length === 0
      ? 'No function was moved.'
      : `${lines.join('\n')}; the others are as they were. When the cause is gone, \`npm run model -- rollback --stage ` +
        `${stage}\` moves them, too.`;
  return new UserError(`${message}\n${after}`, { cause });
};
