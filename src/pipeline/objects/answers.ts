import { attributeOf, type AttributeMap } from '../../dynamodb-json/attributes.ts';
import { must, PermanentError, TransientError } from '../../errors.ts';
import type { Model, Models } from '../../tasks/model.ts';
import { classify, type Classifiable, type Classification } from '../classify.ts';
import { modelNames } from '../items/route.ts';
import { type Meter, UNMETERED } from '../meter.ts';
import { resolvingAgain } from '../resolve-again.ts';
import type { LineResult, ReadRecord } from './formats/format.ts';
import type { LineError, ObjectSettings } from './run.ts';

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
  settings: ObjectSettings,
  meter: Meter = UNMETERED,
): Promise<readonly LineResult[]> => {
  const own = [model];
  const asked = await resolvingAgain(models, () =>
    records.map((record) => askedOf(record, own, models, settings)),
  );
  const classifications = await meter.step('classify', () => classify(asked, models, meter));
  return asked.map((one, index) =>
    one.error === undefined
      ? resultOf(must(one.models[0], 'model'), must(classifications[index]?.[0], 'classification'), settings)
      : { error: one.error },
  );
};

const askedOf = (
  record: ReadRecord,
  own: readonly Model[],
  models: Models,
  settings: ObjectSettings,
): Asked => {
  if ('error' in record) return refused(record.error);
  try {
    const input = settings.task.inputOf(record.item, settings);
    if (input === undefined) return refused(noText(settings));
    if (input instanceof PermanentError) return refused(input);
    return { input, models: modelsOf(record.item, own, models, settings) };
  } catch (error) {
    if (error instanceof PermanentError) return refused(error);
    throw error;
  }
};

const refused = (error: LineError): Asked => ({ input: undefined, models: [], error });

const noText = ({ textAttributes }: ObjectSettings): LineError => ({
  code: 'no-text',
  message: `the line has no ${textAttributes.map(({ name }) => name).join(' or ')}`,
});

/** The model that a record names; the run's own where it names none. @throws PermanentError where there is no such model */
const modelsOf = (
  item: AttributeMap,
  own: readonly Model[],
  models: Models,
  { modelAttribute }: ObjectSettings,
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
  const named = models.resolve(names);
  return named.length === 1 ? named : own;
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
