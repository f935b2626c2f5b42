import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import type { BenchContext } from '../context.ts';
import { startFastApi, startOurs, startTransformersJs } from './contenders.ts';
import type { Host } from './host.ts';
import { measure } from './measure.ts';

export const TITLES = {
  ours: 'npm run serve',
  fastapi: 'FastAPI',
  js: 'transformers.js behind Hono',
} as const;

export type Name = keyof typeof TITLES;

/** The servers of one model, one thread each. */
export interface Contest {
  readonly hosts: ReadonlyMap<Name, Host>;
  /** What is to be known of the peers, and why some are missing. */
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

/** Seconds of a load before anything counts. */
const WARM_UP = { pace: { connections: 32 }, seconds: 2 } as const;

/** Starts our server and, where peers are wanted, all that can serve the model; each has had a first load. */
export const openContest = async (context: BenchContext, model: ModelFolder): Promise<Contest> => {
  const ours = await startOurs(context, model, 1);
  const hosts = new Map<Name, Host>([['ours', ours]]);
  const notes: string[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...hosts.values()].map((host) => host.stop()));
  };
  const invite = async (name: Exclude<Name, 'ours'>, start: () => Promise<Host>): Promise<void> => {
    try {
      hosts.set(name, await start());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.warn(`SKIPPED: ${TITLES[name]}: ${reason}`);
      notes.push(`${TITLES[name]} was skipped: ${reason}`);
    }
  };
  try {
    await measure(ours, WARM_UP);
    if (!context.peers.wanted) return { hosts, notes: ['Peers were skipped: --no-peers.'], stop };
    await invite('fastapi', async () => {
      const { host, note } = await fasterFastApi(context, model);
      notes.push(note);
      return host;
    });
    if (model.manifest.format === 'transformer')
      await invite('js', async () => {
        const host = await startTransformersJs(context, model);
        await measure(host, WARM_UP);
        return host;
      });
    return { hosts, notes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** FastAPI in both ways of writing a handler that people use; the faster stays. */
const fasterFastApi = async (
  context: BenchContext,
  model: ModelFolder,
): Promise<{ readonly host: Host; readonly note: string }> => {
  const handlers = { loop: 'async def', pool: 'def' } as const;
  const tried = [];
  for (const handler of ['loop', 'pool'] as const) {
    const host = await startFastApi(context, model, handler);
    await measure(host, WARM_UP);
    tried.push({ host, handler, speed: (await measure(host, WARM_UP)).perSecond });
  }
  const [best, ...others] = tried.sort((a, b) => b.speed - a.speed);
  await Promise.all(others.map(({ host }) => host.stop()));
  if (best === undefined) throw new Error('FastAPI was not tried');
  const note = `FastAPI: uvicorn with uvloop and httptools, orjson, a pydantic model; ${handlers[best.handler]}, the faster of async def and def here.`;
  return { host: best.host, note };
};
