import { ObjectError } from '../../../errors.ts';
import { objectsBelow, objectsListed } from '../../../jobs/input.ts';
import type { WantedObject } from '../../../jobs/plan.ts';
import { childrenFor, jobName } from '../../../pipeline/objects/job-queue.ts';
import { isFolder, isOwnOutput } from '../../../pipeline/objects/messages.ts';
import { parseS3Url, type Place } from '../../../stores/objects/place.ts';
import { UserError } from '../../user-error.ts';
import type { StageBatch } from './stage-batch.ts';

export interface SubmitChoices {
  readonly input?: string | undefined;
  /** An object that names the objects. */
  readonly list?: string | undefined;
  readonly output?: string | undefined;
  readonly model?: string | undefined;
  /** How many share the job; by the size of the input, unless given. */
  readonly children?: number | undefined;
  /** MB that one of them has. */
  readonly jobMB: number;
}

export interface Submitted {
  readonly job: string;
  readonly objects: number;
  readonly bytes: number;
  readonly children: number;
}

/**
 * Submits a job for objects of S3.
 *
 * @throws UserError where a place is none, or nothing is there
 */
export const submitJob = async (
  { jobs, objects: store, settings }: Pick<StageBatch, 'jobs' | 'objects' | 'settings'>,
  choices: SubmitChoices,
): Promise<Submitted> => {
  const { input, list, output, model, jobMB } = choices;
  if ((input === undefined) === (list === undefined))
    throw new UserError('Give --input s3://bucket/prefix, or --list s3://bucket/key of a list of objects.');
  const from = placeOf(input ?? list ?? '');
  const to = output === undefined ? undefined : placeOf(output);
  const own = {
    bucket: to?.bucket ?? settings.OUTPUT_BUCKET ?? '',
    prefix: to?.key ?? settings.OUTPUT_PREFIX ?? '',
  };
  const found = input === undefined ? objectsListed(store, from) : objectsBelow(store, from);
  const { objects, bytes } = await sized(found, own).catch((cause: unknown) => {
    throw cause instanceof ObjectError ? new UserError(cause.message, { cause }) : cause;
  });
  if (objects === 0) throw new UserError(`There are no objects in ${input ?? list}: nothing was submitted.`);
  // A list has no sizes: an object is a share of its own.
  const wanted = input === undefined ? childrenFor(objects, 1) : childrenFor(bytes, jobMB * 2 ** 20);
  const children = choices.children ?? wanted;
  const job = await jobs.submit({
    name: jobName(from.key === '' ? from.bucket : from.key),
    children,
    settings: {
      ...(input !== undefined && { INPUT: input }),
      ...(list !== undefined && { INPUT_LIST: list }),
      ...(to !== undefined && { OUTPUT_BUCKET: to.bucket, OUTPUT_PREFIX: asFolder(to.key) }),
      ...(model !== undefined && { MODEL: model }),
    },
  });
  return { job, objects, bytes, children };
};

const placeOf = (url: string): Place => {
  const place = parseS3Url(url);
  if (place !== undefined) return place;
  throw new UserError(`${url}: a job reads and writes S3; give s3://bucket/prefix.`);
};

const asFolder = (key: string): string => (key === '' || key.endsWith('/') ? key : `${key}/`);

const sized = async (
  found: AsyncIterable<WantedObject>,
  own: { readonly bucket: string; readonly prefix: string },
): Promise<Pick<Submitted, 'objects' | 'bytes'>> => {
  let [objects, bytes] = [0, 0];
  for await (const object of found) {
    if (isFolder(object) || isOwnOutput(object, own)) continue;
    objects += 1;
    bytes += object.size ?? 0;
  }
  return { objects, bytes };
};
