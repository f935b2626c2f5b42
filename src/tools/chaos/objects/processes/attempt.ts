import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kill } from './scenario.ts';

/** A program of Node.js, and all of its environment. */
export interface JobProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface Ended {
  /** Null where a signal has ended it. */
  readonly status: number | null;
  /** What it wrote to standard output and standard error. */
  readonly said: string;
  readonly milliseconds: number;
}

/** A program that runs, with the processes that it starts as one group. */
export interface Attempt {
  /** Sends the signal, to those that there are. */
  kill(kill: Pick<Kill, 'signal' | 'whom'>): void;
  readonly ended: Promise<Ended>;
  /** Resolves when none of its processes is left: workers of one that was killed notice it a moment later. */
  allEnded(): Promise<void>;
}

/** How often it is looked whether processes are left. */
const LOOK_MS = 20;

export const startAttempt = ({ file, args, env }: JobProgram): Attempt => {
  const began = performance.now();
  const child = spawn(process.execPath, [file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString();
    });
  const ended = once(child, 'close').then(() => ({
    status: child.exitCode,
    said,
    milliseconds: performance.now() - began,
  }));
  return {
    kill: ({ signal, whom }) => void sendTo(child, signal, whom),
    ended,
    allEnded: async () => {
      await ended;
      while (sendTo(child, 0, 'all')) await sleep(LOOK_MS);
    },
  };
};

/** @returns whether somebody was there */
const sendTo = ({ pid }: ChildProcess, signal: NodeJS.Signals | 0, whom: Kill['whom']): boolean => {
  if (pid === undefined) return false;
  try {
    return process.kill(whom === 'all' ? -pid : pid, signal);
  } catch {
    return false;
  }
};
