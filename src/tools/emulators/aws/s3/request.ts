import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { S3Error } from './errors.ts';
import { DEFAULT_REGION } from '../../../serverless-yml/region.ts';

/** A request as the operations see it. */
export interface S3Request {
  readonly id: string;
  readonly method: string;
  /** Empty for the list of buckets. */
  readonly bucket: string;
  /** Empty for what is done to a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The Region that the caller means, as it signed the request. */
  readonly region: string;
  readonly body: AsyncIterable<Buffer>;
}

export interface S3Response {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** With bytes, the headers have a `content-length`. */
  readonly body?: string | AsyncIterable<Buffer>;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
};

/** The bucket of a virtual-hosted-style request, such as to `bucket.localhost`. */
const hostBucket = (host = ''): string | undefined => /^(.+)\.localhost(?::\d+)?$/.exec(host)?.[1];

/**
 * The bucket and key of a URL. They are read from the URL as it was sent: a parser of URLs would resolve the `..` and
 * `//` of keys.
 */
export const readTarget = (
  url: string,
  host: string | undefined,
): Pick<S3Request, 'bucket' | 'key' | 'query'> => {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const inHost = hostBucket(host);
  if (inHost !== undefined) return { bucket: inHost, key: decoded(path.slice(1)), query };
  const slash = path.indexOf('/', 1);
  const bucket = decoded(slash < 0 ? path.slice(1) : path.slice(1, slash));
  return { bucket, key: slash < 0 ? '' : decoded(path.slice(slash + 1)), query };
};

/** The Region in the scope of a signature, which is not verified. */
export const signedRegion = (authorization: string | undefined): string =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(authorization ?? '')?.[1] ?? DEFAULT_REGION;

/** @throws S3Error where the query lacks it */
export const required = (request: S3Request, parameter: string): string => {
  const value = request.query.get(parameter);
  if (value !== null) return value;
  throw new S3Error(400, 'InvalidRequest', `Missing required parameter: ${parameter}`);
};
