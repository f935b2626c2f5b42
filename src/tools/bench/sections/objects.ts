import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { transformer, type TransformerManifest } from '../../../models/formats/transformer.ts';
import { manifestOf } from '../../../models/formats/format.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { transformerFiles } from '../../../models/folder/transformer-files.ts';
import { transformerSettings } from '../../../models/folder/transformer-settings.ts';
import type { BatchReport } from '../../batch/local.ts';
import { chunks } from '../../chunks.ts';
import { LOCAL_CREDENTIALS, localRegion } from '../../emulators/aws/aws-clients.ts';
import { objectClients } from '../../emulators/aws/object-clients.ts';
import { type Endpoints, startEmulators } from '../../emulators/aws/emulators.ts';
import { generateMessages } from '../../ingest/input/messages.ts';
import { type Column, ratioOf, type Section } from '../../report/section.ts';
import { withScratch } from '../../scratch-folder.ts';
import { must } from '../../../errors.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { peakMemory } from '../objects/peak-memory.ts';
import { perSecond, takeTurns } from '../rounds.ts';
import { BUDGETS } from './transformer-peers.ts';

const BUCKET = 'objects';
const OUTPUT = 'answers';
const MB = 2 ** 20;

/** Records of the object, by the format of the model: seconds of work. */
const RECORDS = { sklearn: 1_000_000, cascade: 60_000, transformer: 20_000 } as const;
const QUICK_RECORDS = { sklearn: 100_000, cascade: 10_000, transformer: 3_000 } as const;

/** Objects that hold them. */
const FILES = { sklearn: 1, cascade: 8, transformer: 8 } as const;

/** The limit for the share of the bare model's speed. */
const SHARES = { sklearn: 0.5, cascade: 0.9, transformer: 0.9 } as const;

/** Inputs whose memory is compared. */
const SIZES_MB = [10, 1_000] as const;
const QUICK_SIZES_MB = [10, 100] as const;

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'perSecond', head: 'records/s' },
];

/** Objects of an embedded S3, classified by worker processes: asked for by name, as it takes some minutes. */
export const benchObjects = async function* (context: BenchContext): AsyncGenerator<Section> {
  const { endpoints, stop } = await startEmulators({ services: ['s3'] });
  const clients = objectClients(endpoints);
  try {
    for (const Bucket of [BUCKET, OUTPUT]) await clients.s3.send(new CreateBucketCommand({ Bucket }));
    for (const model of context.models) {
      yield await speed(context, model, { s3: clients.s3, endpoints });
      if (model.manifest.format !== 'cascade') yield await memory(context, model);
    }
  } finally {
    clients.destroy();
    await stop();
  }
};

interface Embedded {
  readonly s3: S3Client;
  readonly endpoints: Endpoints;
}

const speed = async (context: BenchContext, model: ModelFolder, embedded: Embedded): Promise<Section> => {
  const { quick, root, built } = context;
  const id = idOf(model);
  const { format } = model.manifest as { readonly format: keyof typeof RECORDS };
  const count = (quick ? QUICK_RECORDS : RECORDS)[format];
  const texts = [...generateMessages({ seed: 5, count })];
  const bare = await openModel(built, id);
  return withScratch(join(root, '.build'), async (folder) => {
    const input = join(folder, 'messages.jsonl');
    const lines = texts.map((text, index) => `${JSON.stringify({ id: index, text })}\n`);
    await writeFile(input, lines.join(''));
    // A slow model gets its work in small files: a shard has a megabyte at least.
    const files = chunks(lines, Math.ceil(count / FILES[format]));
    for (const [number, some] of files.entries()) {
      const object = { Bucket: BUCKET, Key: `${id}/${number}.jsonl`, Body: some.join('') };
      await embedded.s3.send(new PutObjectCommand(object));
    }
    const peer = await pandas(context, model, input, join(folder, 'answers.jsonl'));
    let round = 0;
    const batch = (workers: number) => (): Promise<number> => {
      round += 1;
      return runBatch(root, embedded, { id, workers, output: `s3://${OUTPUT}/${round}/`, count, folder });
    };
    const two = availableParallelism() > 1;
    const times: Readonly<Record<string, number>> = await takeTurns<string>(
      {
        bare: async () => {
          for (const some of chunks(texts, 1_000)) await bare.classify(some);
          return undefined;
        },
        one: batch(1),
        ...(two && { two: batch(2) }),
        ...(peer !== undefined && { python: peer }),
      },
      { rounds: quick ? 1 : 3, warmUps: quick ? 0 : 1 },
    );
    const of = (name: Name): number | undefined => {
      const ms = times[name];
      return ms === undefined ? undefined : perSecond(count, ms);
    };
    return {
      id: `objects:${id}`,
      title: `${id} over ${count.toLocaleString('en-US')} messages, JSON lines in the embedded S3`,
      ratios: [
        ...ratioOf('one worker over the bare model', of('one'), of('bare'), { atLeast: SHARES[format] }),
        ...ratioOf('two workers over one', of('two'), of('one'), { atLeast: 1.8 }),
        ...ratioOf('one worker over pandas + ONNX Runtime', of('one'), of('python'), { atLeast: 1 }),
      ],
      columns: COLUMNS,
      rows: (Object.keys(TITLES) as Name[]).flatMap((name) => {
        const value = of(name);
        return value === undefined ? [] : [{ contender: TITLES[name], perSecond: value }];
      }),
      notes: [
        'Workers: npm run batch, with the start of its processes, planning, reading from and writing to S3.',
        'The embedded S3 has a process of its own, and shares the cores.',
      ],
    };
  });
};

const TITLES = {
  bare: 'the bare model, texts in memory, batches of 1,000',
  one: 'ours, one worker',
  two: 'ours, two workers',
  python: 'pandas + ONNX Runtime, sorted by length, from file to file',
} as const;

type Name = keyof typeof TITLES;

interface Batch {
  readonly id: string;
  readonly workers: number;
  readonly output: string;
  /** Lines that there are. */
  readonly count: number;
  /** For its report. */
  readonly folder: string;
}

const run = promisify(execFile);

/** The embedded S3 takes any. */
const LOCAL_ACCOUNT = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_REGION: localRegion(),
} as const;

/**
 * Runs the command; its own milliseconds, without the build before it.
 *
 * @throws Error where a line has no answer: its speed would mean nothing
 */
const runBatch = async (
  root: string,
  { endpoints }: Embedded,
  { id, workers, output, count, folder }: Batch,
): Promise<number> => {
  const report = join(folder, 'report.json');
  const command = [
    join(root, 'src', 'tools', 'commands', 'batch.ts'),
    ...['--input', `s3://${BUCKET}/${id}/`, '--output', output, '--model', id, '--text-column', 'text'],
    ...['--workers', String(workers), '--quiet', '--report', report],
  ];
  await run(process.execPath, command, { env: { ...process.env, ...endpoints, ...LOCAL_ACCOUNT } });
  const { seconds, tally } = JSON.parse(await readFile(report, 'utf8')) as BatchReport;
  if (tally.counts.labelled !== count)
    throw new Error(`${tally.counts.labelled} of ${count} lines have labels`);
  return seconds * 1_000;
};

/** The Python peer for a transformer; undefined for other models, and where it is not to be had. */
const pandas = async (
  { peers }: BenchContext,
  model: ModelFolder,
  input: string,
  output: string,
): Promise<(() => Promise<number>) | undefined> => {
  if (model.manifest.format !== 'transformer') return undefined;
  const peer = await peers.open('python-onnx');
  if (peer === undefined) return undefined;
  const manifest = manifestOf<TransformerManifest>(model, transformer);
  const { labels, maxLength } = transformerSettings(model.folder, manifest);
  const { graph } = transformerFiles(model.folder, manifest, process.arch);
  await peer.ask({ do: 'load', folder: model.folder, graph, maxLength, labels });
  // Of the budgets that the other comparisons try, the one that is best for messages.
  const budget = BUDGETS[3];
  return async () => (await peer.ask<{ ms: number }>({ do: 'file', input, output, budget })).ms;
};

/** The memory of a worker as the input grows. */
const memory = async (context: BenchContext, model: ModelFolder): Promise<Section> => {
  const { quick, built, root } = context;
  const id = idOf(model);
  // A transformer truncates a long line, so that a large object takes seconds.
  const lineBytes = model.manifest.format === 'transformer' ? 50_000 : 1_000;
  const rows: { readonly megabytes: number; readonly peakMB: number }[] = [];
  for (const megabytes of quick ? QUICK_SIZES_MB : SIZES_MB) {
    const lines = Math.round((megabytes * MB) / lineBytes);
    const peakMB = await peakMemory(root, { environment: built.environment, id, lines, lineBytes });
    rows.push({ megabytes, peakMB });
  }
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    id: `objects-memory:${id}`,
    title: `Memory of a process that classifies an object with ${id}, by the object's size`,
    ratios: [
      ...ratioOf('peak memory, largest over smallest', last?.peakMB, first?.peakMB, { atMost: 1.2 }),
      { name: 'peak memory, largest', value: must(last, 'row').peakMB, unit: 'MB', target: { atMost: 400 } },
    ],
    columns: [
      { key: 'megabytes', head: 'MB of the object' },
      { key: 'peakMB', head: 'peak MB' },
    ],
    rows,
    notes: [
      `Lines of ${lineBytes.toLocaleString('en-US')} bytes. Node.js, the model and the SDK are part of it.`,
    ],
  };
};
