import { join } from 'node:path';
import { modelChoice } from '../../../models/catalogue/choose-models.ts';
import { directoryModels } from '../../../models/sources/directory.ts';
import { questionAnswering } from '../../../tasks/question-answering.ts';
import { loadService } from '../../serverless-yml/service.ts';
import { UserError } from '../../user-error.ts';
import { must } from '../../../errors.ts';
import type { Columns } from './input.ts';
import { checkLabelColumn } from './label-column.ts';
import { type Survey, surveyInput } from './survey.ts';

export interface StartOptions {
  readonly input?: string | undefined;
  /** As many as the file has, or 50,000 generated ones, unless given. */
  readonly records?: number | undefined;
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  /** Of questions, where the model answers them. */
  readonly questionColumn: string;
  readonly contextColumn: string;
  /** Names with commas; as in `serverless.yml` unless given. */
  readonly model?: string | undefined;
  /** Names of the options on the command line. */
  readonly given: readonly string[];
}

/** What an ingest takes in. */
export interface StartInput extends Pick<Columns, 'questions'> {
  readonly records: number;
  /** Of a file. */
  readonly survey: Survey | undefined;
}

const GENERATED = 50_000;

/**
 * The number of messages of an ingest, and the survey of its file: all that can be checked before anything starts.
 *
 * @param root the project's folder
 * @throws InputError where the file cannot be used; ModelError where a model is not found; UserError where a column is
 *   for models of another task
 */
export const startInput = async (
  root: string,
  { input, model, questionColumn, contextColumn, given, ...options }: StartOptions,
): Promise<StartInput> => {
  const { classifyStream } = (await loadService(root)).functions;
  const names = (model ?? must(classifyStream?.environment.MODEL, 'MODEL of classifyStream')).split(',');
  const folder = join(root, 'models');
  const isAnswering = await answersQuestions(folder, names);
  checkColumns(given, isAnswering, names.join(', '));
  const questions = isAnswering ? { question: questionColumn, context: contextColumn } : undefined;
  if (input === undefined) return { records: options.records ?? GENERATED, survey: undefined, questions };
  const survey = await surveyInput({ input, questions, ...options });
  if (options.labelColumn !== undefined)
    await checkLabelColumn(survey, options.labelColumn, { folder, names });
  return { records: survey.taken.records, survey, questions };
};

const OF_TEXTS = { textColumn: '--text-column', labelColumn: '--label-column' } as const;
const OF_QUESTIONS = { questionColumn: '--question-column', contextColumn: '--context-column' } as const;

/** @throws UserError where a column is given that the models do not read */
const checkColumns = (given: readonly string[], isAnswering: boolean, models: string): void => {
  const others: Readonly<Record<string, string>> = isAnswering ? OF_TEXTS : OF_QUESTIONS;
  const option = given.map((name) => others[name]).find((found) => found !== undefined);
  if (option === undefined) return;
  throw new UserError(
    isAnswering
      ? `${option} is for models that classify texts, and ${models} answers questions: give --question-column and ` +
          '--context-column, or another --model.'
      : `${option} is for models that answer questions, and ${models} classifies texts: give --text-column, or another ` +
          '--model.',
  );
};

/** @throws ModelError where a model is not found */
const answersQuestions = async (folder: string, names: readonly string[]): Promise<boolean> => {
  const { models, faults } = await directoryModels(folder).list();
  const { defaults } = modelChoice(models, { defaultModels: names.map((name) => name.trim()), faults });
  return defaults.some(({ manifest }) => manifest.task === questionAnswering.name);
};
