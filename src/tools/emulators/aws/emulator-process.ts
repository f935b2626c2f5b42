/**
 * The child process of `startEmulators`: dynalite, kinesalite and the embedded S3 and SQS, each on a free loopback port.
 * It sends the ports to its parent, and every object that is created after that; it ends when the parent does, in any
 * way: the channel to it closes.
 */

import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire, flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';

/** An AWS service that can be emulated. */
export type EmulatedService = 'dynamodb' | 'kinesis' | 's3' | 'sqs';

type ServerFactory = (options: Readonly<Record<string, number>>) => Server;

const require = createRequire(import.meta.url);

const listen = async (server: Server): Promise<number> => {
  // A server that closes idle connections resets a client that is just about to use one again.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const portOf = ({ endpoint }: { readonly endpoint: string }): number => Number(new URL(endpoint).port);

/** Starts a service on a port: what one needs is loaded only for that one. */
const START: Readonly<Record<EmulatedService, () => Promise<number>>> = {
  dynamodb: () =>
    listen((require('dynalite') as ServerFactory)({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })),
  kinesis: () =>
    listen(
      (require('kinesalite') as ServerFactory)({
        createStreamMs: 0,
        deleteStreamMs: 0,
        updateStreamMs: 0,
        shardLimit: 10_000,
      }),
    ),
  s3: async () => {
    const { startS3 } = await import('./s3/server.ts');
    return portOf(await startS3({ onCreated: (created) => process.send?.(created) }));
  },
  sqs: async () => {
    const { startSqs } = await import('./sqs/server.ts');
    return portOf(await startSqs());
  },
};

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent is the one to decide, and may still need the tables.
process.on('SIGINT', () => {});

const services = process.argv.slice(2) as EmulatedService[];
const ports = await Promise.all(services.map(async (service) => [service, await START[service]()] as const));
process.send?.(Object.fromEntries(ports));
// Where NODE_COMPILE_CACHE names one: a process that is killed would leave nothing in it.
flushCompileCache();
