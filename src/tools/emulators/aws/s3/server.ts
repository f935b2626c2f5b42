import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, answerError } from './answer.ts';
import type { Buckets } from './buckets.ts';
import { S3Error } from './errors.ts';
import type { CreatedObject } from './events.ts';
import type { NextS3Fault, S3Fault } from './faults.ts';
import { readTarget, type S3Request, signedRegion } from './request.ts';
import { routeOf } from './route.ts';
import { fileStorage } from './storage.ts';

export interface EmbeddedS3Options {
  /** Receives every object that has been created, after its request is answered or about to be. */
  readonly onCreated?: (created: CreatedObject) => void;
  /** Decides about faults, for each request. */
  readonly nextFault?: NextS3Fault;
  /** Keys of a page of a list: 1,000 on AWS. */
  readonly mostKeys?: number;
}

export interface EmbeddedS3 {
  readonly endpoint: string;
  /** Ends the server; all objects go with it. May be called again. */
  stop(): Promise<void>;
}

const MOST_KEY_BYTES = 1_024;

/** The errors of every operation. */
const checkRequest = ({ buckets }: { readonly buckets: Buckets }, request: S3Request): void => {
  const { region } = buckets.get(request.bucket) ?? {};
  const isElsewhere = region !== undefined && region !== request.region;
  if (isElsewhere) {
    throw new S3Error(
      301,
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      {
        headers: { 'x-amz-bucket-region': region },
        details: { Endpoint: `${request.bucket}.s3.${region}.amazonaws.com`, Bucket: request.bucket },
      },
    );
  }
  const size = Buffer.byteLength(request.key);
  if (size > MOST_KEY_BYTES) {
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long', {
      details: { Size: String(size), MaxSizeAllowed: String(MOST_KEY_BYTES) },
    });
  }
};

/**
 * An S3 on a port of this machine, without permissions, with bodies in files of a temporary folder: the operations on
 * objects and multipart uploads, with conditions, checksums, versions and events.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export const startS3 = async ({
  onCreated = () => undefined,
  nextFault = () => undefined,
  mostKeys = 1_000,
}: EmbeddedS3Options = {}): Promise<EmbeddedS3> => {
  const folder = mkdtempSync(join(tmpdir(), 'labelstream-s3-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', clear);
  const world = { buckets: new Map() as Buckets, storage: fileStorage(folder), mostKeys, onCreated };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('x-amz-request-id', id);
    response.setHeader('x-amz-id-2', id);
    const { method = 'GET', url = '/', headers } = incoming;
    let fault: S3Fault | undefined;
    try {
      const target = readTarget(url, headers.host);
      const route = routeOf({ method, headers, ...target });
      fault = nextFault({ operation: route.name, ...target });
      if (fault?.kind === 'delayed') await sleep(fault.ms, undefined, { ref: false });
      if (fault?.kind === 'dropped') return void incoming.socket.destroy();
      if (fault?.kind === 'error') throw new S3Error(fault.status, fault.code, fault.message ?? fault.code);
      const region = signedRegion(headers.authorization);
      // Where what reads it fails, the rest is read before the error is sent.
      const body = incoming.iterator({ destroyOnReturn: false });
      const request = { ...target, id, method, headers, region, body };
      if (route.name !== 'CreateBucket') checkRequest(world, request);
      const answered = await route.run(world, request);
      if (fault?.kind === 'droppedAfter') return void incoming.socket.destroy();
      await answer(response, answered, fault);
    } catch (error) {
      if (response.headersSent) return void incoming.socket.destroy();
      await answerError(incoming, response, error, id);
    }
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy());
  });
  // A server that closes idle connections resets a client that is just about to use one again.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      process.off('exit', clear);
      clear();
    },
  };
};
