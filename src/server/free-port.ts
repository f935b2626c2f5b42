import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Finds a port that several processes can then share, which would otherwise share it with any that has it already.
 *
 * @param address port 0: any that is free
 * @throws Error of the system, such as EADDRINUSE
 */
export const freePort = async ({ host, port }: { readonly host: string; readonly port: number }) => {
  const probe = createServer();
  probe.listen({ host, port });
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return { host, port: free };
};
