import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

/** An address in a traced call: `sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")`. */
const ADDRESS =
  /sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([\d.]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/g;

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');

/** What ONNX Runtime's telemetry opens before it calls anybody, which takes it some seconds. */
const TELEMETRY_FILE = /"([^"]*(?:\/mat-debug-\d+\.log|\.cache\/Microsoft\/[^"]*))"/g;

/** What a command and its children had to do with others. */
export interface Traffic {
  /** Addresses beyond this machine to which they spoke or tried to: `192.0.2.1:443`. A look-up is one to port 53. */
  readonly addresses: readonly string[];
  readonly telemetryFiles: readonly string[];
}

/**
 * Runs a command and watches its system calls, and those of its children.
 *
 * @throws Error where the command fails
 */
export const trafficOf = async (
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Traffic> => {
  const folder = await mkdtemp(join(tmpdir(), 'labelstream-network-'));
  // Jest's own setting must not stand in for what the command sets itself.
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const file = join(folder, 'trace');
  try {
    await promisify(execFile)(
      'strace',
      [
        '-f',
        '--seccomp-bpf',
        '-e',
        'trace=openat,connect,sendto,sendmsg,sendmmsg',
        '-o',
        file,
        command,
        ...parameters,
      ],
      { cwd: ROOT, env: { ...env, ...environment }, maxBuffer: 64 * 1024 * 1024 },
    );
    const calls = await readFile(file, 'utf8');
    const addresses = [...calls.matchAll(ADDRESS)].flatMap(([, port, v4, v6]) => {
      const address = v4 ?? v6 ?? '';
      return isLoopback(address) ? [] : [`${address}:${port}`];
    });
    const files = [...calls.matchAll(TELEMETRY_FILE)].map(([, path = '']) => path);
    return { addresses: [...new Set(addresses)], telemetryFiles: [...new Set(files)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
