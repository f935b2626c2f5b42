import type { ModelRegistry } from '../models/catalogue/registry.ts';
import { listModels, MB_PER_VCPU, type ModelSettings, openModels } from './models.ts';

/** For the models of a process, where nothing is set: the default models stay in any case. */
const MODEL_MEMORY_MB = 1_500;

/** The settings of models as they are in a process of a job. */
export const jobModelSettings = <Settings extends Pick<ModelSettings, 'MODEL_MEMORY_MB'>>(
  settings: Settings,
) => ({
  ...settings,
  MODEL_MEMORY_MB: settings.MODEL_MEMORY_MB ?? MODEL_MEMORY_MB,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: MB_PER_VCPU,
});

/**
 * The models of a process of a job. There is a process for each CPU: more threads would only wait for each other.
 *
 * @throws ModelError
 */
export const openJobModels = async (
  given: Omit<ModelSettings, 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE'>,
): Promise<ModelRegistry> => {
  const settings = jobModelSettings(given);
  return openModels(settings, await listModels(settings), { threads: 1 });
};
