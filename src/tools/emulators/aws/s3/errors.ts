import type { OutgoingHttpHeaders } from 'node:http';

/** An error that S3 answers with. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;
  readonly headers: OutgoingHttpHeaders;
  /** Elements of its own, by their names. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    {
      headers = {},
      details = {},
    }: { readonly headers?: OutgoingHttpHeaders; readonly details?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.details = details;
  }
}

/** Services that speak S3 answer so where their disk is full; AWS's has none. */
export const storageFull = (): S3Error =>
  new S3Error(507, 'StorageFull', 'The disk of the embedded S3 is full: make space below TMPDIR.');

export const noSuchBucket = (BucketName: string): S3Error =>
  new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { details: { BucketName } });

export const noSuchKey = (Key: string): S3Error =>
  new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { details: { Key } });

export const noSuchUpload = (UploadId: string): S3Error =>
  new S3Error(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { details: { UploadId } },
  );

export const preconditionFailed = (Condition: string): S3Error =>
  new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    details: { Condition },
  });

export const notImplemented = (what: string): S3Error =>
  new S3Error(501, 'NotImplemented', `The embedded S3 does not implement ${what}.`);
