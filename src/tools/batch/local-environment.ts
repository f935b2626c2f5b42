import { resolve } from 'node:path';
import { parseS3Url, type Place } from '../../stores/objects/place.ts';
import { UserError } from '../user-error.ts';

/** Options of `npm run batch`, on this machine. */
export interface LocalChoices {
  readonly input: string;
  readonly output: string;
  readonly model?: string | undefined;
  readonly textColumn?: string | undefined;
  readonly questionColumn?: string | undefined;
  readonly contextColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  readonly format?: string | undefined;
  readonly join?: boolean | undefined;
  readonly shardMb?: number | undefined;
}

export interface LocalDefaults {
  readonly model: string;
  readonly textAttributes: string;
  readonly questionAttribute: string;
  readonly contextAttribute: string;
  readonly maxTextCharacters: number;
  readonly modelsDir: string;
}

/**
 * The settings of a job, of the options of its command.
 *
 * @throws UserError where a place is no URL of S3 and no path
 */
export const localEnvironment = (
  choices: LocalChoices,
  defaults: LocalDefaults,
): Readonly<Record<string, string>> => {
  const { input, output, model, textColumn, questionColumn, contextColumn } = choices;
  const { idColumn, format, join, shardMb } = choices;
  checkPlace('--input', input);
  const { bucket, key } = outputPlace(output);
  return {
    MODELS_DIR: defaults.modelsDir,
    MODEL: model ?? defaults.model,
    TEXT_ATTRIBUTES: textColumn ?? defaults.textAttributes,
    QUESTION_ATTRIBUTE: questionColumn ?? defaults.questionAttribute,
    CONTEXT_ATTRIBUTE: contextColumn ?? defaults.contextAttribute,
    MAX_TEXT_CHARACTERS: String(defaults.maxTextCharacters),
    INPUT: input,
    OUTPUT_BUCKET: bucket,
    OUTPUT_PREFIX: key,
    // In a folder of one's own, the name of an output is that of its input.
    NAMING: parseS3Url(output) !== undefined ? 'versioned' : 'plain',
    ...(idColumn !== undefined && { ID_ATTRIBUTES: idColumn }),
    ...(format !== undefined && { OBJECT_FORMAT: format }),
    ...(join === true && { JOIN: 'on' }),
    ...(shardMb !== undefined && { SHARD_MB: String(shardMb) }),
  };
};

const checkPlace = (option: string, place: string): void => {
  if (/^s3:|:\/\//.test(place) && parseS3Url(place) === undefined)
    throw new UserError(`${option} ${place}: give s3://bucket/prefix, or a path.`);
};

/** Keys begin with the name of a folder in the bucket, and a slash. */
const outputPlace = (output: string): Place => {
  checkPlace('--output', output);
  const { bucket, key } = parseS3Url(output) ?? { bucket: resolve(output), key: '' };
  return { bucket, key: key === '' || key.endsWith('/') ? key : `${key}/` };
};
