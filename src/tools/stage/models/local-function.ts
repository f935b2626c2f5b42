import { join } from 'node:path';
import { createLambdaFunction } from '../../emulators/lambda/function.ts';
import type { Bundle } from '../../build/bundle.ts';
import type { Answers, Ask } from './ask.ts';
import { UserError } from '../../user-error.ts';
import { MB_PER_VCPU } from '../../../wire/models.ts';

export interface LocalFunction extends AsyncDisposable {
  readonly ask: Ask;
  /** The most that its process has had resident, after a question. */
  memoryMB(): number;
}

/**
 * The function with one model, in an execution environment on this machine: it is invoked like the deployed one, and
 * has no access to tables.
 *
 * @param bundle the content of `/var/task`
 * @param opt the content of `/opt`, for this machine
 */
export const startLocalFunction = (
  bundle: Bundle,
  opt: string,
  model: string,
  { memoryMB = MB_PER_VCPU }: { readonly memoryMB?: number } = {},
): LocalFunction => {
  const name = 'model-check';
  const local = createLambdaFunction({
    name,
    taskRoot: bundle.folder,
    handler: bundle.handler,
    optDir: opt,
    memoryMB,
    timeoutMs: 60_000,
    maxEnvironments: 1,
    environment: {
      MODEL: model,
      MODELS_DIR: join(opt, 'models'),
      DOCUMENTS_TABLE: name,
      REJECTS_TABLE: name,
    },
  });
  return {
    ask: async (request) => {
      const { payload, functionError } = await local.invoke(request);
      if (functionError === undefined) return payload as Answers;
      throw new UserError(`Model ${model} cannot be run: ${functionError.errorMessage}`);
    },
    memoryMB: () => local.stats().memoryMB.maxUsed,
    [Symbol.asyncDispose]: () => local.close(),
  };
};
