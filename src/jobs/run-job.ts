import { ConfigError, describeError, ModelError, must } from '../errors.ts';
import { log } from '../http/log.ts';
import { exit } from '../server/exit.ts';
import { onSignals } from '../server/signals.ts';
import { readProcessConfig } from '../wire/process-config.ts';
import { classifyObjects } from './classify-objects.ts';
import type { JobKind } from './job-kind.ts';
import { relabel } from './relabel.ts';
import { workShards } from './pool.ts';
import { PROCESSES, WORKER } from './shard-work.ts';
import { processesOf, shareOf } from './shared-plan.ts';
import { tallyResults } from './tally.ts';
import { serveShards } from './worker.ts';

/** The kinds of jobs, by the argument that names them. */
export const JOBS: Readonly<Record<string, JobKind<unknown>>> = {
  'classify-objects': classifyObjects,
  relabel,
};

/**
 * Exit statuses. AWS Batch retries a job that was interrupted, by `evaluateOnExit` of its definition; one that failed
 * or has wrong settings would do so again.
 */
const EXIT = { done: 0, failed: 1, wrong: 2, interrupted: 75 } as const;

/** How often it is logged what is done. */
const PROGRESS_MS = 60_000;

/**
 * Runs a job: plans its shards, works this child's share of them on all CPUs, and exits. SIGTERM ends it at the end of
 * the shards that have begun, or gives them up in time.
 *
 * @param file the program that runs, which calls this function in the processes that it starts
 */
export const runJob = async (name: string, env: NodeJS.ProcessEnv, file: string): Promise<void> => {
  const kind = Object.hasOwn(JOBS, name) ? JOBS[name] : undefined;
  if (kind === undefined)
    throw new ConfigError(`there is no job ${name}: use one of ${Object.keys(JOBS).join(', ')}`);
  if (env[WORKER] !== undefined) return serveShards((signals) => kind.open(env, signals));
  exit(
    await handOut(name, kind, env, file).catch((error: unknown) => {
      log('ERROR', 'job', { reason: describeError(error) });
      return error instanceof ConfigError || error instanceof ModelError ? EXIT.wrong : EXIT.failed;
    }),
  );
};

const handOut = async (
  name: string,
  kind: JobKind<unknown>,
  env: NodeJS.ProcessEnv,
  file: string,
): Promise<number> => {
  const config = readProcessConfig(env);
  const { WORKERS, STOP_SECONDS, AWS_BATCH_JOB_ARRAY_INDEX: index, AWS_BATCH_JOB_ARRAY_SIZE: size } = config;
  const processes = (shards: number): string => String(processesOf(shards, size, WORKERS));
  const [stop, abort] = [new AbortController(), new AbortController()];
  onSignals(
    () => {
      log('INFO', 'stopping', { seconds: STOP_SECONDS });
      stop.abort(new Error('the job was stopped'));
      setTimeout(() => abort.abort(), STOP_SECONDS * 1_000).unref();
    },
    () => abort.abort(),
  );
  const plan = await kind.plan(env, stop.signal).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined;
    throw error;
  });
  if (plan === undefined) return EXIT.interrupted;
  const { tasks, faults, ...found } = plan;
  const share = shareOf(tasks, index, size);
  log('INFO', 'planned', { ...found, shards: tasks.length, faults: faults.length, share: share.length });
  const tally = tallyResults();
  let texts = 0;
  const progress = () => log('INFO', 'progress', { shards: tally.read().shards, of: share.length, texts });
  const timer = setInterval(progress, PROGRESS_MS);
  const left = await workShards(share, {
    workers: WORKERS,
    program: { file, args: ['job', name], env: { ...env, [PROCESSES]: processes(tasks.length) } },
    stop: stop.signal,
    abort: abort.signal,
    onTexts: (more) => {
      texts += more;
    },
    onResult: (task, result) => {
      const called = kind.nameOf(task);
      tally.add(called, result);
      const { place, model, shard } = called;
      log(result.kind === 'failed' ? 'ERROR' : 'INFO', 'shard', { ...place, model, shard, ...result });
    },
  });
  clearInterval(timer);
  const { failures, ...done } = tally.read();
  // One of the children says it, for all of them.
  const named = index === 0 ? faults : [];
  for (const fault of named) log('ERROR', 'object', fault);
  const failed = failures.length + named.length;
  log(failed > 0 ? 'ERROR' : 'INFO', 'summary', { ...done, failed, left, texts });
  if (left > 0) return EXIT.interrupted;
  return failed > 0 ? EXIT.failed : EXIT.done;
};

/** For the program's errors before it runs. */
export const requireName = (args: readonly string[]): string => {
  if (args.length > 1)
    throw new ConfigError('job takes one argument, its name; settings are environment variables');
  return must(args[0] ?? 'classify-objects', 'name of the job');
};
