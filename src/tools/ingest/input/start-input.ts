import { join } from 'node:path';
import { type Survey, surveyInput } from './survey.ts';
import { checkLabelColumn } from './label-column.ts';
import { loadService } from '../../serverless-yml/service.ts';
import { must } from '../../../errors.ts';

export interface StartInput {
  readonly input?: string | undefined;
  /** As many as the file has, or 50,000 generated ones, unless given. */
  readonly records?: number | undefined;
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  /** Names with commas; as in `serverless.yml` unless given. */
  readonly model?: string | undefined;
}

const GENERATED = 50_000;

/**
 * The number of messages of an ingest, and the survey of its file: all that can be checked before anything starts.
 *
 * @param root the project's folder
 * @throws InputError where the file cannot be used; ModelError where labels are expected of a model that is not found
 */
export const startInput = async (
  root: string,
  { input, model, ...options }: StartInput,
): Promise<{ readonly records: number; readonly survey: Survey | undefined }> => {
  if (input === undefined) return { records: options.records ?? GENERATED, survey: undefined };
  const survey = await surveyInput({ input, ...options });
  if (options.labelColumn !== undefined) {
    const { classifyStream } = (await loadService(root)).functions;
    const names = model ?? must(classifyStream?.environment.MODEL, 'MODEL of classifyStream');
    await checkLabelColumn(survey, options.labelColumn, {
      folder: join(root, 'models'),
      names: names.split(','),
    });
  }
  return { records: survey.taken.records, survey };
};
