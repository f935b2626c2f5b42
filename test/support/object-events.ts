/** The shapes in which S3 says that an object was created. */
export interface NamedObject {
  readonly bucket: string;
  readonly key: string;
  readonly etag?: string;
  readonly size?: number;
  readonly versionId?: string | undefined;
}

/** How a key is written in a notification: as in the query of an URL. */
const encoded = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export const eventBridgeEvent = (
  { bucket, key, etag, size, versionId }: NamedObject,
  type = 'Object Created',
) => ({
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': type,
  source: 'aws.s3',
  account: '111122223333',
  time: '2026-11-12T00:00:00Z',
  region: 'us-east-1',
  resources: [`arn:aws:s3:::${bucket}`],
  detail: {
    version: '0',
    bucket: { name: bucket },
    object: { key, size, etag, 'version-id': versionId, sequencer: '617f08299329d189' },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '1.2.3.4',
    reason: 'PutObject',
  },
});

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const notification = (objects: readonly NamedObject[], eventName = 'ObjectCreated:Put') => ({
  Records: objects.map(({ bucket, key, etag, size, versionId }) => ({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2026-11-12T00:00:00.000Z',
    eventName,
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'labelstream',
      bucket: {
        name: bucket,
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: { key: encoded(key), size, eTag: etag, versionId, sequencer: '0055AED6DCD90281E5' },
    },
  })),
});

/** What S3 sends when a notification is set up. */
export const TEST_EVENT = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-11-12T00:00:00.000Z',
  Bucket: 'incoming',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
};

/** A notification of SNS with a message, not delivered raw. */
export const bySns = (message: unknown) => ({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:us-east-1:111122223333:objects',
  Subject: 'Amazon S3 Notification',
  Message: JSON.stringify(message),
});

/** An event of SQS with messages of these bodies, delivered for so many times. */
export const sqsEvent = (bodies: readonly string[], receives = 1) => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: `receipt-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '1545082650636',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1545082650649',
    },
    messageAttributes: {},
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:labelstream-dev-objects',
    awsRegion: 'us-east-1',
  })),
});
