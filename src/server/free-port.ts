import { type AddressInfo, createServer } from 'node:net';
import { listen } from '../http/listen.ts';

/**
 * Finds a port that several processes can then share, which would otherwise share it with any that has it already.
 *
 * @param address port 0: any that is free
 * @throws ConfigError where it cannot be listened on
 */
export const freePort = async ({ host, port }: { readonly host: string; readonly port: number }) => {
  const probe = createServer();
  await listen(probe, { host, port });
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return { host, port: free };
};
