import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '../../wire/config.ts';

interface ServerlessFile {
  readonly params: { readonly default: Readonly<Record<string, string | number>> };
  /** Parts of one map, of which a string stands for what a variable leads to. */
  readonly functions: readonly (string | { readonly classifyStream?: FunctionPart })[];
}

interface FunctionPart {
  readonly environment: Readonly<Record<string, string>>;
}

const read = async (root: string): Promise<ServerlessFile> =>
  parse(await readFile(join(root, 'serverless.yml'), 'utf8'));

/** The parameters of `serverless.yml` as they are unless given. @param root the folder of that file */
export const defaultParameters = async (root: string): Promise<ServerlessFile['params']['default']> =>
  (await read(root)).params.default;

/** How many characters the function reads of a text at most. */
export const longestText = async (root: string): Promise<number> => {
  const { functions } = await read(root);
  const [part] = functions.flatMap((one) => (typeof one === 'string' ? [] : (one.classifyStream ?? [])));
  const MAX_TEXT_CHARACTERS = part?.environment.MAX_TEXT_CHARACTERS;
  const others = { DOCUMENTS_TABLE: 'documents', REJECTS_TABLE: 'rejects', MODEL: 'any' };
  return readConfig({ ...others, MAX_TEXT_CHARACTERS }).MAX_TEXT_CHARACTERS;
};
