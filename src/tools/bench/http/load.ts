import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Requests to send, one text each. */
export interface LoadPlan {
  /** That `POST`s of Hugging Face's shape go to. */
  readonly url: string;
  readonly seconds: number;
  /** `connections` that each ask again as soon as they are answered; or `rate` requests a second, whatever the answers. */
  readonly pace: { readonly connections: number } | { readonly rate: number };
}

/** Milliseconds of requests; null where there were none. */
export interface Latencies {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** The result of a load. */
export interface Load {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** Answered 200, 429. */
  readonly accepted: Latencies;
  readonly refused: Latencies;
  /** Answered otherwise, or not at all. */
  readonly failed: number;
  /** CPU time of the generator while it sent. */
  readonly cpuSeconds: number;
}

/**
 * Sends a load from a process of its own, so that its work is not the server's.
 *
 * @throws Error with the generator's last words where it ends without a result
 */
export const sendLoad = async (plan: LoadPlan): Promise<Load> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'generator.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify(plan));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`the load's generator has ended: ${errors.trim().slice(-2_000)}`);
  const load: Load = JSON.parse(output);
  return load;
};
