import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import fc from 'fast-check';
import { workShards } from '../../src/jobs/pool.ts';
import type { ShardResult } from '../../src/jobs/shard-work.ts';

const WORKER = join(import.meta.dirname, 'toy-worker.ts');
type Toy = { readonly run: { readonly id: string }; readonly name: string };

const toys = (...deeds: readonly string[]): readonly Toy[] =>
  deeds.map((id, index) => ({ run: { id }, name: `${id} ${index}` }));

const worked = async (
  tasks: readonly Toy[],
  { workers = 2, env = {}, onResult }: { workers?: number; env?: NodeJS.ProcessEnv; onResult?: Act } = {},
) => {
  const [stop, abort] = [new AbortController(), new AbortController()];
  const results: Record<string, ShardResult> = {};
  let texts = 0;
  const left = await workShards(tasks, {
    workers,
    program: { file: WORKER, args: [], env: { PATH: process.env.PATH, ...env } },
    stop: stop.signal,
    abort: abort.signal,
    endMs: 200,
    onTexts: (more) => {
      texts += more;
      if (texts >= 10 * workers) onResult?.({ stop, abort, begun: true });
    },
    onResult: (task, result) => {
      // Each shard has one result.
      expect(results).not.toHaveProperty([task.name]);
      results[task.name] = result;
      onResult?.({ stop, abort, begun: false });
    },
  });
  return { left, results, texts };
};
type Act = (at: {
  readonly stop: AbortController;
  readonly abort: AbortController;
  readonly begun: boolean;
}) => void;

describe('workShards', () => {
  it('works all shards in processes side by side, and counts their texts', async () => {
    const { left, results, texts } = await worked(toys(...Array.from({ length: 6 }, () => 'busy')));
    expect(left).toBe(0);
    expect(Object.keys(results)).toHaveLength(6);
    expect(new Set(Object.values(results).map(({ counts }) => counts?.worker))).toEqual(new Set([1, 2]));
    expect(texts).toBe(60);
  });

  it('goes on after shards that fail, and says why they did', async () => {
    const { left, results } = await worked(toys('refused', 'lasting', 'done'), { workers: 1 });
    expect(left).toBe(0);
    expect(results).toMatchObject({
      'refused 0': { kind: 'failed', reason: 'the text is bad' },
      'lasting 1': { kind: 'failed', reason: 'no permission' },
      'done 2': { kind: 'done' },
    });
  });

  it('replaces a process that crashes; a shard that crashes two of them has failed', async () => {
    const { left, results } = await worked(toys('done', 'crash', 'done', 'done'), { workers: 1 });
    expect(left).toBe(0);
    expect(results['crash 1']).toEqual({
      kind: 'failed',
      reason: '2 processes that worked on it ended by SIGKILL',
    });
    expect(Object.values(results).filter(({ kind }) => kind === 'done')).toHaveLength(3);
  });

  it('has a result for each shard, whatever they do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('done', 'refused', 'crash', 'busy'), { maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        async (deeds, workers) => {
          const { left, results } = await worked(toys(...deeds), { workers });
          expect(left).toBe(0);
          expect(Object.keys(results)).toHaveLength(deeds.length);
          const kinds = Object.entries(results).map(([name, { kind }]) => [name.split(' ')[0], kind]);
          for (const [deed, kind] of kinds)
            expect(kind).toBe(deed === 'refused' || deed === 'crash' ? 'failed' : 'done');
        },
      ),
      { numRuns: 8 },
    );
  });

  it('ends the shards that have begun when it is stopped, and begins no more', async () => {
    const { left, results } = await worked(toys('busy', 'busy', 'busy', 'busy', 'busy'), {
      onResult: ({ stop }) => stop.abort(),
    });
    expect(Object.keys(results).length).toBeGreaterThanOrEqual(1);
    expect(left + Object.keys(results).length).toBe(5);
    expect(left).toBeGreaterThanOrEqual(3);
  });

  it.each(['forever', 'deaf'])('gives up shards that last %s when it is told to', async (deed) => {
    const { left, results } = await worked(toys(deed, deed, 'done'), {
      onResult: ({ stop, abort, begun }) => {
        if (!begun) return;
        stop.abort();
        abort.abort();
      },
    });
    expect(results).toEqual({});
    expect(left).toBe(3);
  });

  it('says why its processes cannot begin', async () => {
    await expect(worked(toys('done'), { env: { TOY: 'unusable' } })).rejects.toThrow(
      'MODEL: there is no such model',
    );
    await expect(worked(toys('done'), { env: { TOY: 'exit' } })).rejects.toThrow(
      'a process could not begin: it ended by status 3',
    );
  });

  it('leaves no process behind when it is killed', async () => {
    const job = spawn(process.execPath, [join(import.meta.dirname, 'toy-job.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let begun = 0;
    job.stdout.on('data', (text: Buffer) => {
      begun += text.toString().split('begun').length - 1;
    });
    while (begun < 2) await once(job.stdout, 'data');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(job.pid)], { encoding: 'utf8' });
    const pids = children.trim().split(/\s+/).map(Number);
    expect(pids).toHaveLength(2);
    job.kill('SIGKILL');
    await once(job, 'exit');
    const isAlive = (pid: number): boolean => {
      try {
        process.kill(pid, 0);
        return !/^State:\s+Z/m.test(execFileSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }));
      } catch {
        return false;
      }
    };
    while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
