import { checkAttributes } from '../../wire/attribute-clashes.ts';
import { readConfig } from '../../wire/config.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { toModel } from '../../models/folder/manifest.ts';

/**
 * What the function would refuse when it starts.
 *
 * @param models the folder of the models that it is going to have
 * @throws ConfigError that lists every fault of its settings, and every attribute that labels would be written over
 */
export const checkEnvironment = (environment: Readonly<Record<string, string>>, models: string): void =>
  checkAttributes(readConfig(environment), directoryModels(models).models.map(toModel));
