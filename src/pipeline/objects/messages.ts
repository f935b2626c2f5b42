import { isObject } from '../../dynamodb-json/attributes.ts';
import type { ObjectName } from './object-store.ts';
import type { ShardTask } from './run.ts';

/** An object that was created, as its event names it. */
export interface CreatedObject extends ObjectName {
  /** Where the bucket keeps versions. */
  readonly versionId?: string | undefined;
  /** Without quotation marks. */
  readonly etag?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

/** What the body of a message of the queue asks for. */
export type ObjectMessage =
  | { readonly kind: 'objects'; readonly objects: readonly CreatedObject[] }
  /** A share of a large object, which the planner has sent. */
  | { readonly kind: 'shard'; readonly task: ShardTask }
  /** `test-event`: S3 tries a new notification. `other-event`: of S3, but no object was created. */
  | { readonly kind: 'nothing'; readonly reason: 'test-event' | 'other-event' }
  /** Nothing that this function knows. The reason quotes nothing of it. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads the body of a message: an event of S3 by EventBridge, a notification of S3 itself, either of them by SNS, S3's
 * test event, or a shard of our own.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const readMessage = (body: string): ObjectMessage => {
  const value = parsed(body);
  if (!isObject(value)) return unreadable('its body is no JSON object');
  if (value.labelstream === 'shard') return shardMessage(value);
  return readEvent(isSnsNotification(value) ? parsed(value.Message) : value);
};

/** The body of the message for a shard. */
export const shardBody = ({ run, shard }: ShardTask): string =>
  JSON.stringify({ labelstream: 'shard', run, shard });

/** Of whose outputs an object may be. */
export interface OwnOutput {
  readonly bucket: string;
  readonly prefix: string;
}

/** Whether an object is an output of ours, which is never classified: not even where one was copied elsewhere. */
export const isOwnOutput = ({ bucket, key }: ObjectName, output: OwnOutput): boolean =>
  /\.out$|\.manifest\.json$|(^|\/)\.parts\//.test(key) ||
  (bucket === output.bucket && key.startsWith(output.prefix));

/** Whether an object stands for a folder, as the console of S3 creates it. */
export const isFolder = ({ key, size }: CreatedObject): boolean => key.endsWith('/') && (size ?? 0) === 0;

type Json = Readonly<Record<string, unknown>>;

const unreadable = (reason: string): ObjectMessage => ({ kind: 'unreadable', reason });

/** `undefined` where it is no JSON, or no text. */
const parsed = (text: unknown): unknown => {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
};

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
const isSnsNotification = ({ Type, Message }: Json): boolean =>
  Type === 'Notification' && typeof Message === 'string';

const readEvent = (event: unknown): ObjectMessage => {
  if (!isObject(event)) return unreadable('its SNS notification has no JSON object');
  if (event.Event === 's3:TestEvent') return { kind: 'nothing', reason: 'test-event' };
  if (event.source === 'aws.s3' && isObject(event.detail))
    return event['detail-type'] === 'Object Created'
      ? objectsOf([fromEventBridge(event.detail)])
      : { kind: 'nothing', reason: 'other-event' };
  if (Array.isArray(event.Records) && event.Records.length > 0 && event.Records.every(isOfS3)) {
    const created = event.Records.filter(({ eventName }) => CREATED.test(String(eventName)));
    return created.length === 0
      ? { kind: 'nothing', reason: 'other-event' }
      : objectsOf(created.map(({ s3 }) => fromNotification(s3)));
  }
  return unreadable('it is no event of S3 and no shard of an object');
};

const objectsOf = (objects: readonly (CreatedObject | undefined)[]): ObjectMessage => {
  const named = objects.filter((object) => object !== undefined);
  return named.length === objects.length
    ? { kind: 'objects', objects: named }
    : unreadable('its event of S3 names no bucket or no key');
};

/** `ObjectCreated:Put`, in some places with `s3:` before it. */
const CREATED = /^(s3:)?ObjectCreated:/;

interface NotificationRecord {
  readonly eventName?: unknown;
  readonly s3: Json;
}

const isOfS3 = (record: unknown): record is NotificationRecord =>
  isObject(record) && record.eventSource === 'aws:s3' && isObject(record.s3);

/** The key is as it is. */
const fromEventBridge = ({ bucket, object }: Json): CreatedObject | undefined =>
  isObject(bucket) && isObject(object) ? objectOf(bucket.name, object.key, object) : undefined;

/** The key is encoded as in the query of an URL. */
const fromNotification = ({ bucket, object }: Json): CreatedObject | undefined =>
  isObject(bucket) && isObject(object) ? objectOf(bucket.name, decoded(object.key), object) : undefined;

const decoded = (key: unknown): unknown => {
  try {
    return typeof key === 'string' ? decodeURIComponent(key.replaceAll('+', ' ')) : undefined;
  } catch {
    return undefined;
  }
};

const objectOf = (bucket: unknown, key: unknown, object: Json): CreatedObject | undefined => {
  if (!isName(bucket) || !isName(key)) return undefined;
  // S3 says etag to EventBridge and eTag in notifications; emulators mix them up.
  const etag = [object.etag, object.eTag].find(isName)?.replaceAll('"', '');
  // Without versions, some say null.
  const versionId = [object['version-id'], object.versionId].find((id) => isName(id) && id !== 'null');
  const { size } = object;
  return {
    bucket,
    key,
    ...(isName(versionId) && { versionId }),
    ...(etag !== undefined && { etag }),
    ...(isCount(size) && { size }),
  };
};

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const shardMessage = ({ run, shard }: Json): ObjectMessage =>
  isRun(run) && isShard(shard)
    ? { kind: 'shard', task: { run, shard } as unknown as ShardTask }
    : unreadable('it is no complete shard of an object');

const isRun = (run: unknown): run is Json => {
  if (!isObject(run) || !isObject(run.source)) return false;
  const { bucket, key, etag, size } = run.source;
  return [run.id, run.model, bucket, key, etag].every(isName) && isCount(size);
};

const isShard = (shard: unknown): shard is Json => {
  if (!isObject(shard)) return false;
  const { index, count, start, end } = shard;
  return [index, count, start, end].every(isCount) && Number(index) < Number(count);
};
