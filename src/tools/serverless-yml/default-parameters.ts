import { readConfig } from '../../wire/config.ts';
import { readServerlessFile, type ServerlessFile } from './serverless-file.ts';

/** The default parameters of `serverless.yml`. @param root the folder of that file */
export const defaultParameters = async (root: string): Promise<ServerlessFile['params']['default']> =>
  (await readServerlessFile(root)).params.default;

/** The maximum number of characters of a text. */
export const longestText = async (root: string): Promise<number> => {
  const { classifyStream } = (await readServerlessFile(root)).functions;
  const MAX_TEXT_CHARACTERS = classifyStream?.environment?.MAX_TEXT_CHARACTERS;
  const others = { DOCUMENTS_TABLE: 'documents', REJECTS_TABLE: 'rejects', MODEL: 'any' };
  return readConfig({ ...others, MAX_TEXT_CHARACTERS }).MAX_TEXT_CHARACTERS;
};
