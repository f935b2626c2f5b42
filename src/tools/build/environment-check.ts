import { toModel } from '../../models/folder/model-folder.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { checkAttributes } from '../../wire/attribute-clashes.ts';
import { readConfig, readPredictConfig } from '../../wire/config.ts';
import { readObjectsConfig } from '../../wire/objects-config.ts';

/**
 * Checks the settings that the function checks when it starts.
 *
 * @param folder of the models that it is going to have; undefined where they are not deployed with it
 * @throws ConfigError that lists every fault of its settings, and every attribute that labels would overwrite
 */
export const checkEnvironment = async (
  environment: Readonly<Record<string, string>>,
  folder: string | undefined,
): Promise<void> => {
  const config = readConfig(environment);
  if (folder === undefined) return;
  const { models } = await directoryModels(folder).list();
  checkAttributes(config, models.map(toModel));
};

/** The same for the function that answers requests. @throws ConfigError that lists every fault of its settings */
export const checkPredictEnvironment = (environment: Readonly<Record<string, string>>): void => {
  readPredictConfig(environment);
};

/** The same for the function that classifies objects. @throws ConfigError that lists every fault of its settings */
export const checkObjectsEnvironment = (environment: Readonly<Record<string, string>>): void => {
  readObjectsConfig(environment);
};
