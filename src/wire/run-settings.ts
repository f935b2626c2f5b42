import type { ObjectSettings, OutputSettings } from '../pipeline/objects/run.ts';
import type { RunConfig } from './objects-config.ts';
import { textPlaces } from './text-places.ts';

const MB = 2 ** 20;

/** The settings of a run over objects: outputs are never written twice, unless their names are plain. */
export const runSettings = (
  config: RunConfig,
  naming: OutputSettings['naming'] = 'versioned',
): ObjectSettings => ({
  ...textPlaces(config),
  modelAttribute: config.MODEL_ATTRIBUTE,
  maxTextCharacters: config.MAX_TEXT_CHARACTERS,
  idAttributes: config.ID_ATTRIBUTES,
  format: config.OBJECT_FORMAT,
  join: config.JOIN === 'on',
  maxLineBytes: config.MAX_LINE_MB * MB,
  shardBytes: config.SHARD_MB * MB,
  chunkSize: config.CHUNK_SIZE,
  output: { bucket: config.OUTPUT_BUCKET, prefix: config.OUTPUT_PREFIX ?? '', naming },
});
