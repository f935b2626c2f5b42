/** Objects in buckets, as Amazon S3 has them; a folder on a disk is one, too. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** An object as it was when somebody looked: the same name may hold another by now. */
export interface ObjectVersion extends ObjectName {
  /** Without quotation marks. */
  readonly etag: string;
  /** Where the bucket keeps versions. */
  readonly versionId?: string | undefined;
}

export interface ObjectHead extends ObjectVersion {
  /** Bytes. */
  readonly size: number;
}

/** Bytes of an object, from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface WriteOptions {
  /** Writes only where the name holds no object yet: the first writer wins. */
  readonly ifAbsent?: boolean;
  readonly contentType?: string;
}

/** `exists`: the name holds an object already, which stays as it is (`ifAbsent`). */
export type WriteResult = 'written' | 'exists';

/**
 * Where objects are read and written.
 *
 * All of its methods throw an ObjectError where the caller has to decide what that means, and a TransientError where
 * it may work later: the service is down, slow or out of reach after the client's own retries.
 */
export interface ObjectStore {
  /** The least bytes of a part of an upload but the last; `LEAST_PART_BYTES`, unless given. */
  readonly leastPartBytes?: number;
  /** @param versionId the newest version, unless given @throws ObjectError (`not-found`, …) */
  head(name: ObjectName, versionId?: string): Promise<ObjectHead>;
  /**
   * The bytes of an object, of just this version: a connection that breaks is taken up where it broke.
   *
   * @throws ObjectError (`replaced`) where the name holds another version by now, also between two of its chunks
   */
  read(object: ObjectVersion, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Writes an object as a whole. */
  put(name: ObjectName, body: Uint8Array, options?: WriteOptions): Promise<WriteResult>;
  /** Begins an object of several parts, of which nothing is seen until it is complete. */
  startUpload(name: ObjectName, options?: Pick<WriteOptions, 'contentType'>): Promise<ObjectUpload>;
  /** The objects whose keys begin with the prefix, in the order of their keys. */
  list(bucket: string, prefix: string): AsyncIterable<ObjectHead>;
  /** Deletes objects; one that does not exist is no error. */
  delete(bucket: string, keys: readonly string[]): Promise<void>;
}

/** S3's, of a part but the last. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LEAST_PART_BYTES = 5 * 2 ** 20;

/** The most parts of an upload. */
export const MOST_PARTS = 10_000;

/** An object that is being written in parts, numbered from 1, in any order and side by side. */
export interface ObjectUpload {
  /** @param body is the caller's again once this resolves */
  part(number: number, body: Uint8Array): Promise<void>;
  /** A part that is copied from another object (or a range of it), which does not leave the service. */
  copy(number: number, source: ObjectVersion, range?: ByteRange): Promise<void>;
  /** Makes the object of the parts in the order of their numbers. */
  complete(options?: Pick<WriteOptions, 'ifAbsent'>): Promise<WriteResult>;
  /** Gives up; the parts are deleted. */
  abort(): Promise<void>;
}

export { ObjectError, type ObjectErrorCode } from '../../errors.ts';
