import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { must } from '../../errors.ts';
import { onlyModel } from '../../pipeline/relabel/only-model.ts';
import { answerVerifyRequest } from '../../pipeline/verify-request.ts';
import type { Model, Models } from '../../tasks/model.ts';
import type { Config } from '../../wire/config.ts';
import { listModels, openModels } from '../../wire/models.ts';
import type { Ask } from '../stage/models/ask.ts';
import { mismatchText } from '../stage/models/examples.ts';
import { verifyModel } from '../stage/models/check-examples.ts';
import { checkedId, localModel, localModels, untouched } from '../stage/models/local-models.ts';
import { UserError } from '../user-error.ts';

export interface RelabelModel {
  readonly model: Model;
  /** With that model for the items that it is for. */
  readonly models: Models;
}

/** @throws UserError where `models/` has no such model: before anything else is done */
export const requireModel = async (root: string, id: string): Promise<void> => {
  if ((await localModel(root, checkedId(id))) !== undefined) return;
  const available = [...(await localModels(root)).keys()].join(', ') || 'none';
  throw new UserError(
    `Model ${id} not found in models/ here; available: ${available}. Nothing was changed: get the version of the ` +
      'project that has it.',
  );
};

/**
 * Loads a model of the project's `models/` on this machine, with all of its cores, and checks the answers to its
 * examples: they are those of the deployed function.
 *
 * @param id `name@version`
 * @param verify whether the examples are checked
 * @throws UserError with "Nothing was changed" where it cannot be used, or an example has another answer
 */
export const openModel = async (
  root: string,
  id: string,
  { config, verify }: { readonly config: Config; readonly verify: boolean },
): Promise<RelabelModel> => {
  await requireModel(root, id);
  // On this machine memory is not the function's.
  const settings: Config = {
    ...config,
    MODEL: [id],
    MODELS_DIR: join(root, 'models'),
    MODEL_MEMORY_MB: 10_240,
  };
  return untouched(async () => {
    const registry = openModels(settings, await listModels(settings), { threads: availableParallelism() });
    await registry.preload();
    if (verify) {
      const ask: Ask = async (request) =>
        (await answerVerifyRequest(request, { models: registry }, 'here')) as unknown as Awaited<
          ReturnType<Ask>
        >;
      const { examples, mismatches } = await verifyModel(root, ask, id);
      if (mismatches.length > 0)
        throw new UserError(`${mismatchText(id, examples, mismatches)}\nNothing was changed.`);
    }
    const model = must(registry.resolve()[0], `model ${id}`);
    return { model, models: onlyModel(registry, model) };
  });
};
