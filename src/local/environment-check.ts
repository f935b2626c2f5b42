import { checkAttributes } from '../attribute-clashes.ts';
import { readConfig } from '../config.ts';
import { directoryModels } from '../models/directory-source.ts';
import { toModel } from '../models/manifest.ts';

/**
 * What the function would refuse when it starts.
 *
 * @param models the folder of the models that it is going to have
 * @throws ConfigError that lists every fault of its settings, and every attribute that labels would be written over
 */
export const checkEnvironment = (environment: Readonly<Record<string, string>>, models: string): void =>
  checkAttributes(readConfig(environment), directoryModels(models).models.map(toModel));
