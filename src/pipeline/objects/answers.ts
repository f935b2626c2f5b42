import { attributeOf, type AttributeMap } from '../../dynamodb-json/attributes.ts';
import { must, PermanentError, TransientError } from '../../errors.ts';
import type { Input, Model, Models } from '../../tasks/model.ts';
import { classify, type Classifiable, type Classification } from '../classify.ts';
import { modelNames } from '../items/route.ts';
import { type Meter, UNMETERED } from '../meter.ts';
import type { LineResult, ReadRecord } from './formats/format.ts';
import type { LineError, ObjectSettings } from './run.ts';

/** A record to classify with its model, or why it is not. */
type Asked = { readonly input: Input; readonly model: Model } | { readonly error: LineError };

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
  settings: ObjectSettings,
  meter: Meter = UNMETERED,
): Promise<readonly LineResult[]> => {
  const asked = records.map((record) => askedOf(record, model, models, settings));
  const documents = asked.map((one): Classifiable =>
    'error' in one ? { input: undefined, models: [] } : { input: one.input, models: [one.model] },
  );
  const classifications = await meter.step('classify', () => classify(documents, models, meter));
  return asked.map((one, index) =>
    'error' in one ? one : resultOf(one.model, must(classifications[index]?.[0], 'classification'), settings),
  );
};

const askedOf = (record: ReadRecord, model: Model, models: Models, settings: ObjectSettings): Asked => {
  if ('error' in record) return record;
  try {
    const input = settings.task.inputOf(record.item, settings);
    if (input === undefined) return { error: noText(settings) };
    if (input instanceof PermanentError) return { error: input };
    return { input, model: modelOf(record.item, model, models, settings) };
  } catch (error) {
    if (error instanceof PermanentError) return { error };
    throw error;
  }
};

const noText = ({ textAttributes }: ObjectSettings): LineError => ({
  code: 'no-text',
  message: `the line has no ${textAttributes.map(({ name }) => name).join(' or ')}`,
});

/** The model that a record names; the run's where it names none. @throws PermanentError where there is no such model */
const modelOf = (
  item: AttributeMap,
  model: Model,
  models: Models,
  { modelAttribute }: ObjectSettings,
): Model => {
  const value = attributeOf(item, modelAttribute);
  const names = value === undefined ? undefined : modelNames(value, modelAttribute);
  if (names === undefined) return model;
  if (names.length > 1)
    throw new PermanentError(
      'conflicting-models',
      `attribute ${modelAttribute} names ${names.length} models; a line has the answer of one`,
    );
  // Several are the default models, in place of one that is not known: the run's is among them.
  const [first, ...others] = models.resolve(names);
  return others.length === 0 ? must(first, 'model') : model;
};

const resultOf = (model: Model, classification: Classification, { task }: ObjectSettings): LineResult => {
  if (!('error' in classification)) {
    if (task.isEmpty(classification)) throw new TransientError(`${model.id} gave no answer to a text`);
    return { fields: task.fieldsOf(classification), model: model.id };
  }
  const { error } = classification;
  if (error instanceof TransientError) throw error;
  return { error };
};
