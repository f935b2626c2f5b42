import { createHash } from 'node:crypto';
import type { Model } from '../../tasks/model.ts';
import { questionAnswering } from '../../tasks/question-answering.ts';
import type { TextPlaces } from '../../tasks/task.ts';
import type { ObjectHead, ObjectName } from './object-store.ts';
import type { ObjectRun, ObjectSettings, OutputSettings } from './run.ts';

/** Bytes of UTF-8. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MOST_KEY_BYTES = 1_024;

/** Identifies a run: equal for the same version of an object, the same model and settings with the same output. */
export const runId = (source: ObjectHead, { id, task }: Model, settings: ObjectSettings): string =>
  digest([
    [source.bucket, source.key, source.versionId ?? source.etag, source.size, id],
    [settings.output.bucket, settings.output.prefix, settings.output.naming],
    [task, settings.format, settings.join, settings.maxLineBytes, settings.maxTextCharacters],
    [...settings.textAttributes, settings.textPairAttribute].map((one) => [one?.name, one?.encoding]),
    [settings.modelAttribute, settings.idAttributes, settings.keyAttributes],
    settings.shardBytes,
    ...otherPlaces(settings),
  ]).slice(0, 32);

/** Places of questions where these are not the usual ones: without them, the ids are those of earlier releases. */
const otherPlaces = (settings: TextPlaces): readonly string[] => {
  const placesOf = (places: TextPlaces) => JSON.stringify(questionAnswering.textsOf(places));
  const given = placesOf(settings);
  return given === placesOf({ textAttributes: [] }) ? [] : [given];
};

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** Where the output of a run is. */
export const outputName = (run: ObjectRun, output: OutputSettings): ObjectName =>
  finalName(run, output, '.out');

/** Where it is written what became of a run. */
export const manifestName = (run: ObjectRun, output: OutputSettings): ObjectName =>
  finalName(run, output, '.manifest.json');

const finalName = (
  { source, model }: ObjectRun,
  { bucket, prefix, naming }: OutputSettings,
  suffix: string,
) => {
  const folder = naming === 'plain' ? prefix : `${prefix}${model}/${source.versionId ?? source.etag}/`;
  const key = `${folder}${source.key}${suffix}`;
  // The manifest names the source.
  return {
    bucket,
    key: Buffer.byteLength(key) <= MOST_KEY_BYTES ? key : `${folder}${digest(source.key)}${suffix}`,
  };
};

/** Below it is what the shards of a run write, until the output is made of it. */
export const partsPrefix = ({ id }: ObjectRun, { prefix }: OutputSettings): string =>
  `${prefix}.parts/${id}/`;

export const partName = (run: ObjectRun, output: OutputSettings, index: number): ObjectName => ({
  bucket: output.bucket,
  key: `${partsPrefix(run, output)}${String(index).padStart(5, '0')}`,
});

/** Written after the part: the shard is done. */
export const reportName = (run: ObjectRun, output: OutputSettings, index: number): ObjectName => {
  const { bucket, key } = partName(run, output, index);
  return { bucket, key: `${key}.json` };
};
