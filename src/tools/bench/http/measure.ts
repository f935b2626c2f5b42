import type { Host } from './host.ts';
import { type Load, type LoadPlan, sendLoad } from './load.ts';
import { perSecond } from '../rounds.ts';

/** A load and what it cost. */
export interface Measured extends Load {
  /** Accepted requests a second. */
  readonly perSecond: number;
  /** CPU seconds a second of the server, where the system tells, and of the load's generator. */
  readonly serverCores: number | null;
  readonly generatorCores: number;
}

/** Sends a load to a host. */
export const measure = async (host: Host, plan: Omit<LoadPlan, 'url'>): Promise<Measured> => {
  const before = host.figures()?.cpuSeconds;
  const load = await sendLoad({ url: host.url, ...plan });
  const after = host.figures()?.cpuSeconds;
  return {
    ...load,
    perSecond: perSecond(load.accepted.count, load.seconds * 1000),
    serverCores: before === undefined || after === undefined ? null : (after - before) / load.seconds,
    generatorCores: load.cpuSeconds / load.seconds,
  };
};

/** Of several rounds the one of median speed, with what failed in any. */
export const medianRound = (rounds: readonly Measured[]): Measured => {
  const sorted = rounds.toSorted((a, b) => a.perSecond - b.perSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no round was measured');
  return { ...middle, failed: rounds.reduce((sum, { failed }) => sum + failed, 0) };
};
