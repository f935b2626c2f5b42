import { availableParallelism } from 'node:os';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import type { Classifier } from '../../../tasks/model.ts';
import { chunks } from '../../chunks.ts';
import { generateMessages } from '../../ingest/input/messages.ts';
import { type Column, type Ratio, ratioOf, type Section } from '../../report/section.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { type Contest, type Name, openContest, TITLES } from '../http/contest.ts';
import { startOurs } from '../http/contenders.ts';
import type { Host } from '../http/host.ts';
import { measure, type Measured, medianRound } from '../http/measure.ts';
import { recordRuns } from '../recorded-runs.ts';
import { median, perSecond } from '../rounds.ts';

/** Connections that each wait for their answer. */
const CONCURRENCIES = [1, 32, 256] as const;
type Concurrency = (typeof CONCURRENCIES)[number];

/** At which contenders are compared, and at which the queue is longest. */
const COMPARED = 32;
const MOST = 256;

/** Requests a second of the older system. */
const RATE = 75;

/** Times the saturating load. */
const OVERLOAD = 4;

/** Requests a second that the generator can send whatever the answers; it must not be what limits. */
const MOST_RATE = 6_000;

const BATCH_SIZE = 100;
const BARE = 'the bare model, batches of 100';

const FIGURES: readonly Column[] = [
  { key: 'perSecond', head: 'requests/s' },
  { key: 'p50', head: 'p50 ms', digits: 1 },
  { key: 'p95', head: 'p95 ms', digits: 1 },
  { key: 'p99', head: 'p99 ms', digits: 1 },
  { key: 'failed', head: 'failed' },
  { key: 'serverCores', head: 'CPU of the server', digits: 2 },
  { key: 'generatorCores', head: 'of the generator', digits: 2 },
  { key: 'perCpuSecond', head: 'requests by CPU second of the server' },
];

const figures = ({ accepted, ...measured }: Measured): Readonly<Record<string, number | null>> => ({
  perSecond: measured.perSecond,
  p50: accepted.p50,
  p95: accepted.p95,
  p99: accepted.p99,
  // A request that is refused where nothing should be is a failure, too.
  failed: measured.failed + measured.refused.count,
  serverCores: measured.serverCores,
  generatorCores: measured.generatorCores,
  // Other load on the machine changes it least.
  perCpuSecond:
    measured.serverCores === null || measured.serverCores === 0
      ? null
      : measured.perSecond / measured.serverCores,
});

const NOTES = {
  requests:
    'Requests: distinct generated messages, one text each, top_k 5. CPU: seconds a second; server and generator share the cores of this machine.',
  int8: 'The peers run ONNX Runtime with its own settings, without session.x64quantprecision.',
} as const;

/** The HTTP API under load, beside its peers: asked for by name, as it takes a quarter of an hour. */
export const benchHttp = async function* (context: BenchContext): AsyncGenerator<Section> {
  for (const model of context.models) {
    if (model.manifest.format === 'cascade') continue;
    const contest = await openContest(context, model);
    try {
      const ours = contest.hosts.get('ours');
      if (ours === undefined) throw new Error('our server was not started');
      const { section, most } = await saturation(context, model, contest);
      yield section;
      yield await constantRate(context, model, contest);
      yield await overload(context, model, ours, most);
    } finally {
      await contest.stop();
    }
    if (availableParallelism() > 1) yield await twoThreads(context, model);
  }
};

/** All contenders, and the bare model, in turns. */
const saturation = async (
  context: BenchContext,
  model: ModelFolder,
  { hosts, notes }: Contest,
): Promise<{ readonly section: Section; readonly most: Measured }> => {
  const { quick } = context;
  const id = idOf(model);
  const isTransformer = model.manifest.format === 'transformer';
  const bare = await bareModel(await openModel(context.built, id));
  const bareMs: number[] = [];
  const rounds = new Map<string, Measured[]>();
  for (const connections of CONCURRENCIES)
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      bareMs.push(await bare.run());
      for (const [name, host] of hosts) {
        const key = `${name} ${connections}`;
        const measured = await measure(host, { pace: { connections }, seconds: quick ? 2 : 5 });
        rounds.set(key, [...(rounds.get(key) ?? []), measured]);
      }
    }
  const of = (name: Name, connections: Concurrency): Measured | undefined => {
    const measured = rounds.get(`${name} ${connections}`);
    return measured && medianRound(measured);
  };
  const bareSpeed = perSecond(bare.texts, median(bareMs));
  const most = of('ours', MOST);
  if (most === undefined) throw new Error('our server was not measured');
  const over = (name: Exclude<Name, 'ours'>, atLeast: number | undefined): readonly Ratio[] =>
    CONCURRENCIES.flatMap((connections) =>
      ratioOf(
        `ours over ${TITLES[name]}, concurrency ${connections}`,
        of('ours', connections)?.perSecond,
        of(name, connections)?.perSecond,
        connections === COMPARED && atLeast !== undefined ? { atLeast } : undefined,
      ),
    );
  const section: Section = {
    id: `http-saturation:${id}`,
    title: `${id} over HTTP at saturation, one thread each`,
    ratios: [
      ...over('fastapi', isTransformer ? 2 : 4),
      ...over('js', 4),
      ...ratioOf(
        `ours over ${BARE}, concurrency ${COMPARED}`,
        of('ours', COMPARED)?.perSecond,
        bareSpeed,
        isTransformer ? { atLeast: 0.85 } : undefined,
      ),
      ...CONCURRENCIES.flatMap((connections) =>
        ratioOf(
          `p99 over p50, concurrency ${connections}`,
          of('ours', connections)?.accepted.p99 ?? undefined,
          of('ours', connections)?.accepted.p50 ?? undefined,
          connections === 1 ? undefined : { atMost: 3 },
        ),
      ),
    ],
    columns: [{ key: 'contender', head: '' }, { key: 'connections', head: 'concurrency' }, ...FIGURES],
    rows: [
      ...CONCURRENCIES.flatMap((connections) =>
        [...hosts.keys()].flatMap((name) => {
          const measured = of(name, connections);
          return measured ? [{ contender: TITLES[name], connections, ...figures(measured) }] : [];
        }),
      ),
      { contender: BARE, perSecond: bareSpeed },
    ],
    notes: [NOTES.requests, ...notes, ...(isTransformer ? [NOTES.int8] : [])],
  };
  return { section, most };
};

/** The bare model on messages like those of the load: the milliseconds of its runs, each repeated as it was. */
const bareModel = async (
  model: Classifier,
): Promise<{ readonly texts: number; readonly run: () => Promise<number> }> => {
  const texts = [...generateMessages({ seed: 12, count: 1_000 })];
  const again = await recordRuns(async () => {
    for (const batch of chunks(texts, BATCH_SIZE)) await model.classify(batch);
  });
  await again();
  return {
    texts: texts.length,
    run: async () => {
      const from = performance.now();
      await again();
      return performance.now() - from;
    },
  };
};

const constantRate = async (
  { quick }: BenchContext,
  model: ModelFolder,
  { hosts }: Contest,
): Promise<Section> => {
  const id = idOf(model);
  const seconds = quick ? 10 : 60;
  const measured = new Map<Name, Measured>();
  for (const [name, host] of hosts)
    measured.set(name, await measure(host, { pace: { rate: RATE }, seconds }));
  const ours = measured.get('ours');
  return {
    id: `http-rate:${id}`,
    title: `${id} over HTTP, ${RATE} requests a second for ${seconds} s`,
    ratios:
      ours === undefined
        ? []
        : [
            ...milliseconds('p99', ours.accepted.p99, 20),
            { name: 'failed', value: ours.failed + ours.refused.count, target: { atMost: 0 } },
          ],
    columns: [{ key: 'contender', head: '' }, ...FIGURES],
    rows: [...measured].map(([name, one]) => ({ contender: TITLES[name], ...figures(one) })),
    notes: ['Each request counts from when it was due, at even distances.'],
  };
};

/** Our server under more than it can take. @param most at its highest concurrency */
const overload = async (
  { quick }: BenchContext,
  model: ModelFolder,
  host: Host,
  most: Measured,
): Promise<Section> => {
  const id = idOf(model);
  const rate = OVERLOAD * most.perSecond;
  const pace = rate <= MOST_RATE ? { rate } : { connections: OVERLOAD * MOST };
  const plan = { pace, seconds: quick ? 3 : 10 };
  // The first grows the heap to what an overload needs: whether it grows further is the question.
  await measure(host, plan);
  const before = host.figures()?.memoryMB;
  const measured = await measure(host, plan);
  const after = host.figures()?.memoryMB;
  const { accepted, refused, failed } = measured;
  const offered = (accepted.count + refused.count + failed) / measured.seconds;
  return {
    id: `http-overload:${id}`,
    title: `${id} over HTTP at ${OVERLOAD} times the saturating load, one thread`,
    ratios: [
      { name: 'offered, over the load at saturation', value: offered / most.perSecond },
      ...ratioOf('accepted over those at saturation', measured.perSecond, most.perSecond),
      ...ratioOf(
        'p99 of the accepted, over p99 at saturation',
        accepted.p99 ?? undefined,
        most.accepted.p99 ?? undefined,
        { atMost: 2 },
      ),
      ...milliseconds('p99 of the refused (429)', refused.p99, 50),
      { name: 'failed', value: failed, target: { atMost: 0 } },
      ...ratioOf('memory after over before', after, before, { atMost: 1.1 }),
    ],
    columns: [
      { key: 'answer', head: 'answer' },
      { key: 'count', head: 'requests' },
      { key: 'p50', head: 'p50 ms', digits: 1 },
      { key: 'p95', head: 'p95 ms', digits: 1 },
      { key: 'p99', head: 'p99 ms', digits: 1 },
    ],
    rows: [
      { answer: 'accepted', ...accepted },
      { answer: 'refused, 429', ...refused },
      { answer: 'failed', count: failed },
    ],
    notes: [
      'rate' in pace
        ? `Sent: ${pace.rate.toFixed(0)} requests a second, whatever the answers.`
        : `Sent: concurrency ${pace.connections}, and a request that is refused asks again at once; the generator cannot send ${rate.toFixed(0)} a second whatever the answers.`,
      `At saturation: concurrency ${MOST}. CPU: server ${cores(measured.serverCores)}, generator ${cores(measured.generatorCores)}, in seconds a second.`,
      ...(before === undefined || after === undefined
        ? []
        : [`Memory of the server: ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after.`]),
    ],
  };
};

/** A figure with a limit; none where no request had it. */
const milliseconds = (name: string, value: number | null, atMost: number): readonly Ratio[] =>
  value === null ? [] : [{ name, value, unit: 'ms', target: { atMost } }];

const cores = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(2));

/** Our server with one thread and with two, in turns. */
const twoThreads = async (context: BenchContext, model: ModelFolder): Promise<Section> => {
  const { quick } = context;
  const id = idOf(model);
  const seconds = quick ? 2 : 5;
  await using stack = new AsyncDisposableStack();
  const hosts = [];
  for (const threads of [1, 2]) {
    const host = stack.adopt(await startOurs(context, model, threads), ({ stop }) => stop());
    await measure(host, { pace: { connections: COMPARED }, seconds: 2 });
    hosts.push({ threads, host });
  }
  const measured = new Map<string, Measured[]>();
  for (const connections of [COMPARED, MOST])
    for (let round = 0; round < (quick ? 1 : 3); round += 1)
      for (const { threads, host } of hosts) {
        const key = `${threads} ${connections}`;
        const one = await measure(host, { pace: { connections }, seconds });
        measured.set(key, [...(measured.get(key) ?? []), one]);
      }
  const of = (threads: number, connections: number): Measured =>
    medianRound(measured.get(`${threads} ${connections}`) ?? []);
  return {
    id: `http-threads:${id}`,
    title: `${id} over HTTP at saturation, two threads and one`,
    ratios: [COMPARED, MOST].flatMap((connections) =>
      ratioOf(
        `two threads over one, concurrency ${connections}`,
        of(2, connections).perSecond,
        of(1, connections).perSecond,
        connections === MOST ? { atLeast: 1.7 } : undefined,
      ),
    ),
    columns: [{ key: 'threads', head: 'threads' }, { key: 'connections', head: 'concurrency' }, ...FIGURES],
    rows: [COMPARED, MOST].flatMap((connections) =>
      [1, 2].map((threads) => ({ threads, connections, ...figures(of(threads, connections)) })),
    ),
    notes: [
      `The generator's CPU is of the same ${availableParallelism()} cores: it is missing to the second thread.`,
    ],
  };
};
