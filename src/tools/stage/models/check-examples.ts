import { type Ask, askVersion } from './ask.ts';
import { type Example, mismatches, type Mismatch, readExamples } from './examples.ts';
import { localModel } from './local-models.ts';
import type { StageModels } from './stage-models.ts';
import { UserError } from '../../user-error.ts';

/** What a version of the function says of its model's examples. */
export interface Verified {
  readonly id: string;
  readonly version: string;
  /** Part of the invocations that go to it, from 0 to 1. */
  readonly share: number;
  readonly examples: readonly Example[];
  readonly mismatches: readonly Mismatch[];
  /** From the request to the answer, in milliseconds; the function has answered once before. */
  readonly ms: number;
}

/**
 * Puts the examples of its model to something that answers for it.
 *
 * @param expected `name@version` that it should be; any, unless given
 * @throws UserError where it has another model, or the project's `models/` has no examples of it
 */
export const verifyModel = async (
  root: string,
  ask: Ask,
  expected?: string,
): Promise<Pick<Verified, 'id' | 'version' | 'examples' | 'mismatches' | 'ms'>> => {
  const { model: id } = await ask({ labelstream: 'verify', texts: [] });
  if (expected !== undefined && id !== expected) {
    throw new UserError(`The function should have model ${expected}, but has ${id}.`);
  }
  const folder = (await localModel(root, id))?.folder;
  if (folder === undefined) {
    throw new UserError(
      `Model ${id} has no folder in models/ here, so its examples are not known: get the version of the project that has it.`,
    );
  }
  const examples = await readExamples(folder);
  const from = performance.now();
  const texts = examples.map(({ text }) => text);
  const { predictions, version } = await ask({ labelstream: 'verify', texts });
  const ms = performance.now() - from;
  return { id, version, examples, mismatches: mismatches(examples, predictions), ms };
};

/** Puts the examples to each version that the alias leads to. */
export const verifyStage = async ({
  root,
  lambda,
  names,
  live,
}: StageModels): Promise<readonly Verified[]> => {
  const canary = live.canary && { version: live.canary.version.version, share: live.canary.share };
  const routes = [
    { version: live.main.version, share: 1 - (canary?.share ?? 0) },
    ...(canary ? [canary] : []),
  ];
  const results: Verified[] = [];
  for (const { version, share } of routes) {
    const ask = askVersion(lambda, names.functionName, version);
    results.push({ ...(await verifyModel(root, ask)), version, share });
  }
  return results;
};
