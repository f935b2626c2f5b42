import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const KB_PER_MB = 1024;
const PS_INTERVAL_MS = 1_000;

const peakOnLinux = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

const residentByPs = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));

/**
 * A gauge of a process's highest resident memory, in whole MB. Linux keeps the peak itself; elsewhere it is the highest
 * of the samples of `ps`, at most one a second. Once the process has ended, the last value remains.
 */
export const peakMemoryGauge = (pid: number): (() => number) => {
  let peakKB = 0;
  let sampledAt = Number.NEGATIVE_INFINITY;
  return () => {
    const linux = process.platform === 'linux';
    if (linux || performance.now() - sampledAt > PS_INTERVAL_MS) {
      sampledAt = performance.now();
      try {
        peakKB = Math.max(peakKB, linux ? peakOnLinux(pid) : residentByPs(pid));
      } catch {
        // The process has just ended: the last value is the best one available.
      }
    }
    return Math.ceil(peakKB / KB_PER_MB);
  };
};
