import { attributeOf, type AttributeMap } from '../../dynamodb-json/attributes.ts';
import { must, PermanentError, TransientError } from '../../errors.ts';
import type { Model, Models } from '../../tasks/model.ts';
import { findText, type TextAttribute } from '../../tasks/item-text.ts';
import type { Task } from '../../tasks/task.ts';
import { taskOf, tasksFrom } from '../../tasks/tasks.ts';
import { classify, type Classifiable, type Classification } from '../classify.ts';
import { modelNames } from '../items/route.ts';
import { type Meter, UNMETERED } from '../meter.ts';
import { resolvingAgain } from '../resolve-again.ts';
import type { LineResult, ReadRecord } from './formats/format.ts';
import { missingTexts, severalTexts } from './formats/needed-texts.ts';
import type { LineError, ObjectSettings } from './run.ts';

export type AnswerSettings = ObjectSettings & {
  /** The only task that records may name models of; any, unless given. */
  readonly task?: Task | undefined;
};

/** A record to classify with its model, or why it is not: then it has no input. */
type Asked = Classifiable & { readonly error?: LineError };

/**
 * Classifies records, each with the model that it names or else the run's.
 *
 * @returns one result per record, in their order
 * @throws TransientError where a model fails as a whole
 */
export const answersTo = async (
  records: readonly ReadRecord[],
  model: Model,
  models: Models,
  settings: AnswerSettings,
  meter: Meter = UNMETERED,
): Promise<readonly LineResult[]> => {
  const own = [model];
  const asked = await resolvingAgain(models, () =>
    records.map((record) => askedOf(record, own, models, settings)),
  );
  const classifications = await meter.step('classify', () => classify(asked, models, meter));
  return asked.map((one, index) =>
    one.error === undefined
      ? resultOf(must(one.models[0], 'model'), must(classifications[index]?.[0], 'classification'))
      : { error: one.error },
  );
};

const askedOf = (
  record: ReadRecord,
  own: readonly Model[],
  models: Models,
  settings: AnswerSettings,
): Asked => {
  if ('error' in record) return refused(record.error);
  try {
    return readable(record.item, own, models, settings);
  } catch (error) {
    if (error instanceof PermanentError) return refused(error);
    throw error;
  }
};

const readable = (
  item: AttributeMap,
  own: readonly Model[],
  models: Models,
  settings: AnswerSettings,
): Asked => {
  let named: readonly Model[];
  try {
    named = modelsOf(item, own, models, settings);
  } catch (error) {
    // An error of the text comes first.
    const task = taskOf(must(own[0], 'model of the run'));
    const [input] = tasksFrom(task).flatMap((one) => one.inputOf(item, settings) ?? []);
    if (input === undefined) return refused(noText(item, task, settings));
    throw input instanceof PermanentError ? input : error;
  }
  const task = taskOf(must(named[0], 'model of a record'));
  const input = task.inputOf(item, settings);
  if (input === undefined) return refused(noText(item, task, settings));
  return input instanceof PermanentError ? refused(input) : { input, models: named };
};

const refused = (error: LineError): Asked => ({ input: undefined, models: [], error });

const noText = (item: AttributeMap, task: Task, settings: AnswerSettings): LineError => {
  const has = (attribute: TextAttribute): boolean => findText(item, [attribute]).value !== undefined;
  const several = severalTexts(task, settings);
  const message = `the line has no ${missingTexts(task, settings, has)}`;
  return {
    code: 'no-text',
    message: several === undefined ? message : `${message}; its model takes ${several}`,
  };
};

/** The model that a record names; the run's own where it names none. @throws PermanentError where there is no such model */
const modelsOf = (
  item: AttributeMap,
  own: readonly Model[],
  models: Models,
  { modelAttribute, task }: AnswerSettings,
): readonly Model[] => {
  const value = attributeOf(item, modelAttribute);
  const names = value === undefined ? undefined : modelNames(value, modelAttribute);
  if (names === undefined) return own;
  if (names.length > 1)
    throw new PermanentError(
      'conflicting-models',
      `attribute ${modelAttribute} names ${names.length} models; a line has the answer of one`,
    );
  // Several are the default models, in place of one that is not known: the run's is among them.
  const [named, ...others] = models.resolve(names);
  if (named === undefined || others.length > 0) return own;
  if (task === undefined || named.task === task.name) return [named];
  throw new PermanentError(
    'conflicting-models',
    `attribute ${modelAttribute} names a model for ${named.task}; the columns of the table are for ${task.name}`,
  );
};

const resultOf = (model: Model, classification: Classification): LineResult => {
  const task = taskOf(model);
  if (!('error' in classification)) {
    if (task.isEmpty(classification)) throw new TransientError(`${model.id} gave no answer to a text`);
    return { fields: task.fieldsOf(classification), model: model.id };
  }
  const { error } = classification;
  if (error instanceof TransientError) throw error;
  return { error };
};
