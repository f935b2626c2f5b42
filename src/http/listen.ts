import { once } from 'node:events';
import type { ListenOptions, Server } from 'node:net';
import { ConfigError } from '../errors.ts';

/** Reasons of the system, by their codes. */
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
  EACCES: 'permission is denied',
};

/**
 * Makes a server listen.
 *
 * @throws ConfigError where it cannot
 */
export const listen = async (server: Server, address: ListenOptions): Promise<void> => {
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const reason = REASONS[code] ?? 'the system refuses';
    throw new ConfigError(
      `cannot listen on ${address.host} port ${address.port}: ${reason}${code && ` (${code})`}; set HOST and PORT`,
      { cause },
    );
  }
};
