import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Another implementation in a process of its own, which answers each request, a line of JSON, with a line of JSON. */
export interface PeerProcess {
  /** @throws Error with the peer's message where it fails, or with its last words where it has ended */
  ask<Answer>(request: Readonly<Record<string, unknown>>): Promise<Answer>;
  stop(): Promise<void>;
}

/** All requests to a peer run on one thread, without ONNX Runtime's telemetry. */
const PEER_ENVIRONMENT = {
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  RAYON_NUM_THREADS: '1',
  TOKENIZERS_PARALLELISM: 'false',
  ORT_DISABLE_TELEMETRY: '1',
};

const OUTPUT_KEPT = 2_000;

export const startPeer = (command: string, parameters: readonly string[]): PeerProcess => {
  const child = spawn(command, parameters, {
    env: { ...process.env, ...PEER_ENVIRONMENT },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
  });
  // A write to a process that has ended is reported by its exit.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, 'close').catch((error: Error) => {
    output += error.message;
  });
  return {
    ask: async <Answer>(request: Readonly<Record<string, unknown>>) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await lines.next();
      if (line.done === true) {
        await gone;
        throw new Error(`${parameters.at(-1) ?? command} has ended: ${output.trim()}`);
      }
      const answer: { error?: string } & Answer = JSON.parse(line.value);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    },
    stop: async () => {
      child.stdin.end();
      child.kill();
      await gone;
    },
  };
};
