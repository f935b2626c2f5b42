import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { S3Error } from './errors.ts';

/** A checksum of a body that comes in chunks. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** In base64. */
  digest(): Promise<string>;
}

const ofCrc32 = (): Checksum => {
  let value = 0;
  return {
    update: (chunk) => (value = crc32(chunk, value)),
    digest: async () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
};

const ofSdk = (Kind: typeof Crc32c | typeof Crc64Nvme) => (): Checksum => {
  const checksum = new Kind();
  return {
    update: (chunk) => checksum.update(chunk),
    digest: async () => Buffer.from(await checksum.digest()).toString('base64'),
  };
};

const ofHash = (algorithm: string) => (): Checksum => {
  const hash = createHash(algorithm);
  return { update: (chunk) => hash.update(chunk), digest: async () => hash.digest('base64') };
};

/** By the header with which a client sends one. */
const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  'x-amz-checksum-crc32': ofCrc32,
  'x-amz-checksum-crc32c': ofSdk(Crc32c),
  'x-amz-checksum-crc64nvme': ofSdk(Crc64Nvme),
  'x-amz-checksum-sha1': ofHash('sha1'),
  'x-amz-checksum-sha256': ofHash('sha256'),
};

/** The header of the checksum that a client sends, with the request or after its body. */
export const checksumHeader = (headers: Readonly<Record<string, unknown>>): string | undefined => {
  const trailer = headers['x-amz-trailer'];
  return Object.keys(CHECKSUMS).find((name) => name in headers || name === trailer);
};

export const createChecksum = (header: string): Checksum => {
  const create = CHECKSUMS[header];
  if (create === undefined) throw new Error(`${header} is no header of a checksum`);
  return create();
};

/** @throws S3Error (`BadDigest`) where the client has sent another one */
export const checkDigest = (header: string, sent: string | undefined, found: string): void => {
  if (sent === found) return;
  throw new S3Error(
    400,
    'BadDigest',
    `The ${header} you specified did not match what we received: ${sent ?? 'none'} is not ${found}`,
  );
};
