/** The generator of load, a process of its own: reads a plan from standard input and writes what came of it, as JSON. */
import { json } from 'node:stream/consumers';
import { generateMessages } from '../../ingest/input/messages.ts';
import type { LoadPlan } from './load.ts';
import { saturate } from './saturate.ts';
import { keepRate } from './keep-rate.ts';

/** Distinct; sent again from the first where a load needs more. */
const TEXTS = 20_000;
const SEED = 11;

/** More than one label, as people ask; not all 77, whose JSON would be most of the work. */
const PARAMETERS = { top_k: 5 };

const { url, seconds, pace } = (await json(process.stdin)) as LoadPlan;
const bodies = Array.from(generateMessages({ seed: SEED, count: TEXTS }), (inputs) =>
  JSON.stringify({ inputs, parameters: PARAMETERS }),
);
const before = process.cpuUsage();
const from = performance.now();
const answers =
  'rate' in pace
    ? await keepRate(url, bodies, pace.rate, seconds)
    : await saturate(url, bodies, pace.connections, seconds);
const { user, system } = process.cpuUsage(before);
const load = { seconds: (performance.now() - from) / 1000, cpuSeconds: (user + system) / 1e6, ...answers };
process.stdout.write(JSON.stringify(load));
