import { type Ask, askVersion } from './ask.ts';
import { type Example, mismatches, type Mismatch, readExamples } from './examples.ts';
import { modelFunctions } from './functions.ts';
import { localModel } from './local-models.ts';
import type { StageModels } from './stage-models.ts';
import { UserError } from '../../user-error.ts';

/** The result of a version of the function for its model's examples. */
export interface Verified {
  readonly functionName: string;
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
 * Classifies the examples of a model and compares the answers.
 *
 * @param expected `name@version` of the expected model; any, unless given
 * @throws UserError where the answers are of another model, or the project's `models/` has no examples of it
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

/** Checks the examples with each version of the aliases of all functions that have models. */
export const verifyStage = async (stage: StageModels): Promise<readonly Verified[]> => {
  const results: Verified[] = [];
  for (const { functionName, live } of await modelFunctions(stage)) {
    const canary = live.canary && { version: live.canary.version.version, share: live.canary.share };
    const routes = [
      { version: live.main.version, share: 1 - (canary?.share ?? 0) },
      ...(canary ? [canary] : []),
    ];
    for (const { version, share } of routes) {
      const ask = askVersion(stage.lambda, functionName, version);
      results.push({ ...(await verifyModel(stage.root, ask)), functionName, version, share });
    }
  }
  return results;
};
