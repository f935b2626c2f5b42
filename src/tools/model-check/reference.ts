import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { must } from '../../errors.ts';
import { modelRegistry } from '../../models/catalogue/registry.ts';
import { hasManifest, MANIFEST_FILE } from '../../models/folder/folder-format.ts';
import { modelId } from '../../models/folder/model-folder.ts';
import { loadModel } from '../../models/formats/formats.ts';
import { directoryModels } from '../../models/sources/directory.ts';
import { predict } from '../../pipeline/predict.ts';
import { UNMETERED } from '../../pipeline/meter.ts';
import type { Input } from '../../tasks/model.ts';
import { questionAnswering } from '../../tasks/question-answering.ts';
import { answerTally, LOW_CONFIDENCE, type Reference, referenceOf } from '../../tasks/reference.ts';
import { scoredAnswers } from '../../tasks/scored-answers.ts';
import { taskOf } from '../../tasks/tasks.ts';
import { chunks } from '../chunks.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { type Message, readAllMessages } from '../ingest/input/input.ts';
import { UserError } from '../user-error.ts';

export interface ReferenceOptions {
  readonly input: string;
  readonly textColumn?: string | undefined;
  readonly questionColumn?: string | undefined;
  readonly contextColumn?: string | undefined;
  /** The score below which an answer is of low confidence; 0.5 unless given. */
  readonly below?: number | undefined;
}

const BATCH = 100;

/**
 * Lets a model of `models/` answer the texts of a file, and writes how it did into its `model.json`, where a folder
 * without one gets it.
 *
 * @param name `name` or `name@version`
 * @throws InputError where the file cannot be used, or the model answers none of its texts; UserError where the model is
 *   not found; ModelError where it cannot be used
 */
export const recordReference = async (
  root: string,
  name: string,
  { input, textColumn, questionColumn, contextColumn, below = LOW_CONFIDENCE }: ReferenceOptions,
): Promise<{ readonly id: string; readonly file: string; readonly reference: Reference }> => {
  const folder = join(root, 'models');
  const { models, faults } = await directoryModels(folder).list();
  const registry = modelRegistry(models, {
    ...{ defaultModels: [name], faults },
    load: loadModel({ threads: availableParallelism() }),
  });
  const { id, task } = must(registry.resolve()[0], 'model');
  const questions =
    task === questionAnswering.name
      ? { question: questionColumn ?? 'question', context: contextColumn ?? 'context' }
      : undefined;
  if (questions === undefined && (questionColumn ?? contextColumn) !== undefined)
    throw new UserError(`--question-column and --context-column are for questions; ${id} is for ${task}.`);
  const tally = answerTally(below);
  const meter = {
    ...UNMETERED,
    answered: (...[model, answers]: Parameters<typeof UNMETERED.answered>) => {
      for (const { label, score } of scoredAnswers(answers, taskOf(model))) tally.add(label, score);
    },
  };
  const messages = await readAllMessages(input, { textColumn, questions });
  for (const batch of chunks(messages, BATCH)) await predict(batch.map(inputOf), undefined, registry, meter);
  const sums = tally.read();
  if (sums.texts === 0) throw new InputError(`${id} answers none of the texts`, { file: input });
  const reference = referenceOf(sums);
  const own = must(
    models.find(({ manifest }) => modelId(manifest) === id),
    id,
  );
  return { id, file: await writeReference(own.folder, reference), reference };
};

const inputOf = ({ text, question }: Message): Input =>
  question === undefined ? text : { question, context: text };

const writeReference = async (folder: string, reference: Reference): Promise<string> => {
  const file = join(folder, MANIFEST_FILE);
  const manifest: object = hasManifest(folder) ? JSON.parse(await readFile(file, 'utf8')) : {};
  await writeFile(file, `${JSON.stringify({ ...manifest, reference }, null, 2)}\n`);
  return file;
};
