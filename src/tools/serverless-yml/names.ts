import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The alias through which a function is invoked: models are changed and rolled back by moving it. */
export const LIVE_ALIAS = 'live';

/** What the parts of a stage are called that hold models. */
export interface ModelNames {
  /** The function that classifies. */
  readonly functionName: string;
  /** The layer of models. */
  readonly layerName: string;
  /** The stack of the stage. */
  readonly stackName: string;
  /** Where the stage is unless the user says otherwise. */
  readonly region: string;
  readonly compatibleRuntimes: readonly string[];
}

interface ServerlessFile {
  readonly service: string;
  readonly provider: { readonly region: string };
  readonly layers: {
    readonly models: { readonly name: string; readonly compatibleRuntimes: readonly string[] };
  };
  /** Parts of one map, of which a string stands for what a variable leads to. */
  readonly functions: readonly (Readonly<Record<string, { readonly name: string }>> | string)[];
}

/**
 * The names that `serverless.yml` gives for a stage. They consist of the service's and the stage's, so that the file
 * alone says them; resolving all of it would take the Serverless Framework seconds.
 *
 * @param root the folder of `serverless.yml`
 * @throws Error where a name is made of anything else
 */
export const modelNames = async (root: string, stage: string): Promise<ModelNames> => {
  const file: ServerlessFile = parse(await readFile(join(root, 'serverless.yml'), 'utf8'));
  const named = (what: string, written = ''): string => {
    const name = written.replaceAll(`\${self:service}`, file.service).replaceAll(`\${sls:stage}`, stage);
    if (/^[\w-]+$/.test(name)) return name;
    throw new Error(`serverless.yml: ${what} should be made of service and stage, but is ${written}`);
  };
  const functions = file.functions.filter((part) => typeof part !== 'string');
  return {
    functionName: named(
      'the name of classifyStream',
      functions.find((part) => 'classifyStream' in part)?.classifyStream?.name,
    ),
    layerName: named('the name of the models layer', file.layers.models.name),
    stackName: named('the stack', `${file.service}-${stage}`),
    region: file.provider.region,
    compatibleRuntimes: file.layers.models.compatibleRuntimes,
  };
};
