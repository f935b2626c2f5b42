import { readdirSync, readFileSync } from 'node:fs';

/** Of a process and its children, from Linux's /proc; nothing where there is none. */
export interface ProcessFigures {
  /** CPU time, of all threads. */
  readonly cpuSeconds: number;
  /** Resident memory. */
  readonly memoryMB: number;
}

/** Of Linux, on all its architectures. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** @see proc_pid_stat(5): the command's name, field 2, may hold anything, so fields are counted from its end */
const statOf = (pid: number | string): Stat | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
};

const memoryOf = (pid: number): number => {
  try {
    const [, kB = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kB) / 1024;
  } catch {
    return 0;
  }
};

/** The figures of a process and all that descend from it; undefined where the system has no /proc. */
export const processFigures = (root: number): ProcessFigures | undefined => {
  if (statOf('self') === undefined) return undefined;
  const stats = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const stat = statOf(name);
        return stat === undefined ? [] : [[Number(name), stat] as const];
      }),
  );
  const isOurs = (pid: number): boolean =>
    pid === root || (stats.has(pid) && isOurs(stats.get(pid)?.parent ?? 0));
  const ours = [...stats].filter(([pid]) => isOurs(pid));
  return {
    cpuSeconds: ours.reduce((sum, [, { ticks }]) => sum + ticks, 0) / TICKS_PER_SECOND,
    memoryMB: ours.reduce((sum, [pid]) => sum + memoryOf(pid), 0),
  };
};
