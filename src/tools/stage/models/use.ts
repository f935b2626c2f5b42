import { must } from '../../../errors.ts';
import { configureLatest } from './change.ts';
import { modelFunctions } from './functions.ts';
import { layerWith } from './layer-with.ts';
import { checkedId, localModel } from './local-models.ts';
import { MoveError, moveAliases } from './move-aliases.ts';
import { type Begun, publishVersions, undo, undone } from './next-version.ts';
import { isDifferent, moveOf, type Planned, planOf } from './plan-use.ts';
import { pruneVersions } from './prune.ts';
import type { StageModels } from './stage-models.ts';
import { UserError } from '../../user-error.ts';

export interface UseOptions {
  /** Share of the invocations that it gets at first, from 0 to 1; all, unless given. */
  readonly canary?: number | undefined;
  /** Whether the examples are checked on the new versions before they get invocations. */
  readonly verify?: boolean;
}

/** A function that has the model now. */
export interface UsedBy {
  readonly functionName: string;
  readonly version: string;
  /** The version that was in use, or goes on beside the canary. */
  readonly before: string;
  /** Versions that were deleted because none goes back to them any more. */
  readonly pruned: readonly string[];
}

/** The result of `useModel`: of the function of the stream, and of the others that were moved with it. */
export interface Used extends UsedBy {
  /** `unchanged`: all have it in use already. */
  readonly kind: 'unchanged' | 'all' | 'canary';
  readonly share: number;
  readonly others: readonly UsedBy[];
}

/**
 * Switches a stage to a default model: publishes a version with it of every function that has models, checks the model's
 * examples on these versions, and then moves the aliases `live` to them. With a share, the function of the stream alone
 * gets a version, and that so many of the invocations; a second call without it completes the canary, and moves the others.
 *
 * @param id `name@version`, a model that a version of the stage's models layer holds
 * @throws UserError before anything is changed; or, where a later step fails, with what became of each function: the
 *   versions are deleted and aliases that were moved go back
 */
export const useModel = async (
  stage: StageModels,
  id: string,
  { canary, verify = true }: UseOptions = {},
): Promise<Used> => {
  const { lambda } = stage;
  checkedId(id);
  const layer = await layerWith(stage, id);
  const functions = await modelFunctions(stage);
  const subject = must(functions.at(-1), 'function of the stream');
  const planned = (canary === undefined ? functions : [subject]).map((one) => planOf(stage, one, id, layer));
  const toPublish = planned.flatMap(({ publish }) => publish ?? []);
  if (verify && toPublish.length > 0) await requireExamples(stage, id);

  // An interrupted rollback may have left it different.
  for (const { subject: one, version } of planned)
    if (version === one.live.main.version && isDifferent(one))
      await configureLatest(lambda, one.functionName, one.live.main);
  const published = await publishVersions(stage, id, toPublish, verify);
  const versionOf = ({ subject: one, version }: Planned): string =>
    version ?? must(published.find((made) => made.subject === one)?.version, 'published version');
  const moves = planned.flatMap((one) => moveOf(one.subject, versionOf(one), canary) ?? []);
  try {
    await moveAliases(lambda, moves);
  } catch (cause) {
    throw await refused(stage, id, cause, published);
  }

  const used = new Map<string, UsedBy>();
  for (const { functionName, from, to } of moves) {
    const version = to.canary?.version ?? to.version;
    const isNew = published.some((made) => made.subject.functionName === functionName);
    const pruned = isNew ? await pruneVersions(lambda, functionName, version) : [];
    used.set(functionName, { functionName, version, before: from.version, pruned });
  }
  const { functionName, live } = subject;
  const main = used.get(functionName);
  const unchanged = { functionName, version: live.main.version, before: live.main.version, pruned: [] };
  used.delete(functionName);
  return {
    ...(main ?? unchanged),
    kind: moves.length === 0 ? 'unchanged' : canary === undefined || main === undefined ? 'all' : 'canary',
    share: main === undefined ? 1 : (canary ?? 1),
    others: [...used.values()],
  };
};

/** Undoes what was published, but for functions that could not be moved back. */
const refused = async (
  { lambda, name }: StageModels,
  id: string,
  cause: unknown,
  published: readonly Begun[],
): Promise<unknown> => {
  if (!(cause instanceof MoveError)) return cause;
  const stuck = new Map(cause.stuck.map(({ functionName, to }) => [functionName, to.canary ?? to]));
  if (stuck.size === 0) return undone(lambda, published, cause);
  const isBack = ({ subject }: Begun): boolean => !stuck.has(subject.functionName);
  const lines = [
    cause.message,
    ...(await undo(lambda, published.filter(isBack))),
    ...[...stuck].map(([functionName, to]) => `${functionName} has version ${to.version} with ${id}`),
  ];
  return new UserError(
    `${lines.join('\n')} and could not be moved back; the others are as they were. When the cause is gone, ` +
      `\`npm run model -- use ${id} --stage ${name}\` moves them, too.`,
    { cause },
  );
};

const requireExamples = async ({ root }: StageModels, id: string): Promise<void> => {
  if ((await localModel(root, id)) !== undefined) return;
  throw new UserError(
    `Model ${id} has no folder in models/ here, so the answers expected for its examples are not known. Nothing was ` +
      'changed: get the version of the project that has it, or use it unchecked with --no-verify.',
  );
};
