import { bucketOf } from '../buckets.ts';
import { byBytes } from '../by-bytes.ts';
import { S3Error } from '../errors.ts';
import { xmlDocument } from '../xml.ts';
import type { Operation } from './operation.ts';

/** The index of the first key that comes after another one in the order of lists. */
const firstAfter = (keys: readonly string[], after: string): number => {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byBytes(keys[middle] ?? '', after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
};

const urlEncoded = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

const isCommon = (key: string, delimiter: string, prefix: string): string | undefined => {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
};

export const listObjectsV2: Operation = async ({ buckets, mostKeys }, request) => {
  const bucket = bucketOf(buckets, request.bucket);
  const { query } = request;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const asked = query.get('max-keys') ?? String(mostKeys);
  if (!/^\d+$/.test(asked)) {
    throw new S3Error(400, 'InvalidArgument', 'Provided max-keys not an integer or within integer range');
  }
  const most = Math.min(mostKeys, Number(asked));
  const encoded = query.get('encoding-type') === 'url' ? urlEncoded : (key: string) => key;

  const keys = bucket.keys();
  const contents = [];
  const common: string[] = [];
  let last = '';
  let isTruncated = false;
  const from = Math.max(firstAfter(keys, after), prefix === '' ? 0 : firstAfter(keys, prefix) - 1);
  for (let index = Math.max(from, 0); index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    if (!key.startsWith(prefix)) {
      if (byBytes(key, prefix) > 0) break;
      continue;
    }
    const group = isCommon(key, delimiter, prefix);
    // A group that is done was the last thing of the page before: all of its keys come after it, and are passed.
    if (group !== undefined && (group === common.at(-1) || group === after)) continue;
    if (contents.length + common.length === most) {
      isTruncated = most > 0;
      break;
    }
    last = group ?? key;
    if (group !== undefined) common.push(group);
    else {
      const version = bucket.find(key);
      if (version === undefined) continue;
      contents.push({
        Key: encoded(key),
        LastModified: version.modified.toISOString(),
        ETag: `"${version.etag}"`,
        Size: version.size,
        StorageClass: version.headers['x-amz-storage-class'] ?? 'STANDARD',
      });
    }
  }
  return {
    status: 200,
    body: xmlDocument('ListBucketResult', {
      Name: bucket.name,
      Prefix: encoded(prefix),
      Delimiter: delimiter === '' ? undefined : encoded(delimiter),
      MaxKeys: most,
      EncodingType: query.get('encoding-type') ?? undefined,
      KeyCount: contents.length + common.length,
      IsTruncated: isTruncated,
      ContinuationToken: token ?? undefined,
      StartAfter: query.get('start-after') ?? undefined,
      NextContinuationToken: isTruncated ? Buffer.from(last).toString('base64url') : undefined,
      Contents: contents,
      CommonPrefixes: common.map((group) => ({ Prefix: encoded(group) })),
    }),
  };
};
