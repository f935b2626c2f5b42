import { errorName, TransientError } from '../../../errors.ts';
import { ObjectError, type ObjectErrorCode } from '../../../pipeline/objects/object-store.ts';

/** A call to S3: what it was, for messages, and what it was about. */
export interface S3Call {
  /** Such as `GetObject`. */
  readonly operation: string;
  readonly bucket: string;
  readonly key?: string | undefined;
}

/** What an error of the SDK has beside its message, as far as it is known. */
interface S3Fault {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly $fault?: string;
  readonly BucketName?: string;
  readonly Region?: string;
}

const faultOf = (error: unknown): S3Fault => Object(error) as S3Fault;

export const statusOf = (error: unknown): number | undefined => faultOf(error).$metadata?.httpStatusCode;

/** The permission that an operation needs, where it is named otherwise. */
const ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 's3:GetObject',
  GetObject: 's3:GetObject (s3:GetObjectVersion where the bucket keeps versions)',
  ListObjectsV2: 's3:ListBucket',
  DeleteObjects: 's3:DeleteObject',
  DeleteObject: 's3:DeleteObject',
  UploadPartCopy: 's3:PutObject here, and s3:GetObject where the part comes from',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
};

/** Errors of the request or of the account that end by themselves, or with new credentials. */
const PASSING =
  /^(SlowDown|Throttl|RequestTimeout|RequestTimeTooSkewed|ExpiredToken|TooManyRequests|ConditionalRequestConflict|OperationAborted|NoSuchUpload)/;

const WRONG_REGION = /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocation)/;

/** `s3://bucket/key`, for messages. */
export const urlOf = ({ bucket, key }: Pick<S3Call, 'bucket' | 'key'>): string =>
  key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;

const codeOf = (error: unknown): ObjectErrorCode | undefined => {
  const name = errorName(error);
  const status = statusOf(error);
  if (name === 'NoSuchBucket') return 'no-such-bucket';
  if (name === 'NoSuchUpload') return undefined;
  if (name === 'KeyTooLongError') return 'invalid-key';
  if (status === 301 || status === 307 || WRONG_REGION.test(name)) return 'wrong-region';
  if (status === 404) return 'not-found';
  if (status === 412) return 'replaced';
  // Of services other than AWS's: 507 is Insufficient Storage.
  if (status === 507) return 'no-space';
  if (status === 403 && !PASSING.test(name)) return 'access-denied';
  return undefined;
};

const messageOf = (code: ObjectErrorCode, call: S3Call, error: unknown): string => {
  const { operation, key } = call;
  const fault = faultOf(error);
  const bucket = fault.BucketName ?? call.bucket;
  switch (code) {
    case 'no-such-bucket':
      return `There is no bucket ${bucket}: create it, or correct its name`;
    case 'not-found':
      return `There is no object ${urlOf(call)}`;
    case 'replaced':
      return `${urlOf(call)} holds another version by now`;
    case 'wrong-region': {
      const region = fault.$response?.headers?.['x-amz-bucket-region'] ?? fault.Region;
      return `The bucket ${bucket} is in ${region ?? 'another Region'}, and was not asked for there: use a bucket of this Region, or set AWS_REGION`;
    }
    case 'access-denied': {
      const name = errorName(error);
      if (name === 'InvalidObjectState')
        return `${urlOf(call)} is archived: restore it first, or change its storage class`;
      const action = ACTIONS[operation] ?? 's3:PutObject';
      const hidden =
        operation === 'HeadObject' || operation === 'GetObject'
          ? '. Without s3:ListBucket a missing object is answered in the same way'
          : '';
      return `${operation} of ${urlOf(call)} is not allowed (${name}): allow ${action}${hidden}`;
    }
    case 'invalid-key':
      return `The key ${key} is over 1,024 bytes long: S3 cannot hold it`;
    case 'no-space':
      return `There is no space for ${urlOf(call)}: make space on the disk of this S3; the embedded one is below TMPDIR`;
  }
};

/**
 * Converts an error of a call to S3. What is not known to be for the caller to decide is transient; `isLasting` where
 * S3 refuses the request and will do so again.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const fromS3 = (call: S3Call, cause: unknown): ObjectError | TransientError => {
  const code = codeOf(cause);
  if (code !== undefined) return new ObjectError(code, messageOf(code, call, cause), { cause });
  const name = errorName(cause);
  const isLasting =
    name === 'CredentialsProviderError' ||
    (faultOf(cause).$fault === 'client' && (statusOf(cause) ?? 500) < 500 && !PASSING.test(name));
  return new TransientError(`${call.operation} of ${urlOf(call)} failed: ${name}`, { cause, isLasting });
};

/** Makes a call; its errors are those of an object store. */
export const calling = async <Answer>(call: S3Call, work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    throw fromS3(call, error);
  }
};
