import { randomUUID } from 'node:crypto';

/** An object that has been created, as events tell of it. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** Where the bucket keeps versions. */
  readonly versionId?: string;
  /** Grows with every change of the key. */
  readonly sequencer: string;
  readonly reason: 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject';
  /** ISO 8601. */
  readonly time: string;
  readonly region: string;
  readonly requestId: string;
}

const ACCOUNT = '000000000000';

/**
 * The event of EventBridge.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const eventBridgeEvent = (created: CreatedObject) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: ACCOUNT,
  time: created.time.replace(/\.\d+Z$/, 'Z'),
  region: created.region,
  resources: [`arn:aws:s3:::${created.bucket}`],
  detail: {
    version: '0',
    bucket: { name: created.bucket },
    object: {
      key: created.key,
      size: created.size,
      etag: created.etag,
      ...(created.versionId !== undefined && { 'version-id': created.versionId }),
      sequencer: created.sequencer,
    },
    'request-id': created.requestId,
    requester: ACCOUNT,
    'source-ip-address': '127.0.0.1',
    reason: created.reason,
  },
});

const EVENT_NAMES = {
  PutObject: 'ObjectCreated:Put',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
  CopyObject: 'ObjectCreated:Copy',
} as const;

/** As Java's URLEncoder does it, but for the slashes. */
const urlEncoded = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replaceAll(/[!'()~]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The message of a notification of the bucket to Lambda, SQS or SNS: its key is URL-encoded, with + for a space.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const notificationEvent = (created: CreatedObject) => ({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: created.region,
      eventTime: created.time,
      eventName: EVENT_NAMES[created.reason],
      userIdentity: { principalId: `AWS:${ACCOUNT}` },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': created.requestId, 'x-amz-id-2': created.requestId },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'objects',
        bucket: {
          name: created.bucket,
          ownerIdentity: { principalId: ACCOUNT },
          arn: `arn:aws:s3:::${created.bucket}`,
        },
        object: {
          key: urlEncoded(created.key),
          size: created.size,
          eTag: created.etag,
          ...(created.versionId !== undefined && { versionId: created.versionId }),
          sequencer: created.sequencer,
        },
      },
    },
  ],
});
