import type { IncomingHttpHeaders } from 'node:http';
import type { StoredVersion } from './buckets.ts';
import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './errors.ts';

const matches = (condition: string, etag: string): boolean =>
  condition.split(',').some((one) => one.trim() === '*' || one.trim().replaceAll('"', '') === etag);

/** @returns whether the caller has it already (304) @throws S3Error (412) */
export const checkRead = (headers: IncomingHttpHeaders, { etag }: StoredVersion): boolean => {
  const match = headers['if-match'];
  if (match !== undefined && !matches(match, etag)) throw preconditionFailed('If-Match');
  const noneMatch = headers['if-none-match'];
  return noneMatch !== undefined && matches(noneMatch, etag);
};

/**
 * The conditions of a write.
 *
 * @param current what the key holds now
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const checkWrite = (
  headers: IncomingHttpHeaders,
  key: string,
  current: StoredVersion | undefined,
): void => {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && noneMatch !== '*') throw notImplemented('If-None-Match but for *');
  if (noneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  const match = headers['if-match'];
  if (match === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (!matches(match, current.etag)) throw preconditionFailed('If-Match');
};

/** The conditions on the object that is copied. */
export const checkCopySource = (headers: IncomingHttpHeaders, { etag }: StoredVersion): void => {
  const match = headers['x-amz-copy-source-if-match'];
  if (match !== undefined && !matches(String(match), etag)) {
    throw preconditionFailed('x-amz-copy-source-If-Match');
  }
  const noneMatch = headers['x-amz-copy-source-if-none-match'];
  if (noneMatch !== undefined && matches(String(noneMatch), etag)) {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
};

/** From `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a `Range` header asks for; undefined for the whole: also for a header that means nothing.
 *
 * @throws S3Error (416) where not a byte is in it
 */
export const rangeOf = (header: string | undefined, size: number): Range | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start < size && start < end) return { start, end };
  throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
    headers: { 'content-range': `bytes */${size}` },
    details: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
  });
};
