/**
 * The child process of `startEmulators`: dynalite and kinesalite in memory, each on a free loopback port. It sends the
 * ports to its parent, and ends when the parent does, in any way: the channel to it closes.
 */

import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire, flushCompileCache } from 'node:module';
import type { AddressInfo } from 'node:net';

/** An AWS service that can be emulated. */
export type EmulatedService = 'dynamodb' | 'kinesis';

type ServerFactory = (options: Readonly<Record<string, number>>) => Server;

const require = createRequire(import.meta.url);

const SERVERS: Readonly<Record<EmulatedService, () => Server>> = {
  dynamodb: () =>
    (require('dynalite') as ServerFactory)({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
  kinesis: () =>
    (require('kinesalite') as ServerFactory)({
      createStreamMs: 0,
      deleteStreamMs: 0,
      updateStreamMs: 0,
      shardLimit: 10_000,
    }),
};

const listen = async (service: EmulatedService): Promise<number> => {
  const server = SERVERS[service]();
  // A server that closes idle connections resets a client that is just about to use one again.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent is the one to decide, and may still need the tables.
process.on('SIGINT', () => {});

const services = process.argv.slice(2) as EmulatedService[];
const ports = await Promise.all(services.map(async (service) => [service, await listen(service)] as const));
process.send?.(Object.fromEntries(ports));
// Where NODE_COMPILE_CACHE names one: a process that is killed would leave nothing in it.
flushCompileCache();
