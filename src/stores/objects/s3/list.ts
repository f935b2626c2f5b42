import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { must } from '../../../errors.ts';
import type { ObjectHead } from '../../../pipeline/objects/object-store.ts';
import { calling } from './errors.ts';
import { unquoted } from './etag.ts';

/** Keys may have characters that XML cannot hold: so they are asked for URL-encoded, where + is a space. */
const decoded = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/**
 * The objects whose keys begin with a prefix, by the bytes of their keys.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<ObjectHead> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      ...{ Bucket: bucket, Prefix: prefix, ContinuationToken: token, EncodingType: 'url' },
    });
    const call = { operation: 'ListObjectsV2', bucket };
    const { Contents = [], NextContinuationToken } = await calling(call, () => client.send(command));
    for (const { Key, ETag, Size } of Contents) {
      yield {
        bucket,
        key: decoded(must(Key, 'Key of ListObjectsV2')),
        etag: unquoted(must(ETag, 'ETag of ListObjectsV2')),
        size: must(Size, 'Size of ListObjectsV2'),
      };
    }
    token = NextContinuationToken;
  } while (token !== undefined);
}
