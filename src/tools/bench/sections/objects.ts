import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { chunks } from '../../chunks.ts';
import { type Endpoints, startEmulators } from '../../emulators/aws/emulators.ts';
import { objectClients } from '../../emulators/aws/object-clients.ts';
import { generateMessages } from '../../ingest/input/messages.ts';
import { type Column, type Measurement, ratioOf, type Section } from '../../report/section.ts';
import { withScratch } from '../../scratch-folder.ts';
import { type BenchContext, idOf, openModel } from '../context.ts';
import { runBatch } from '../objects/batch-run.ts';
import { pandasPeer } from '../objects/pandas-peer.ts';
import { type Contender, speedOf, takeTurns } from '../rounds.ts';

const BUCKET = 'objects';
const OUTPUT = 'answers';

/** Records of the files, by the format of the model: seconds of work. */
const RECORDS = { sklearn: 2_000_000, cascade: 60_000, transformer: 40_000 } as const;
const QUICK_RECORDS = { sklearn: 100_000, cascade: 10_000, transformer: 3_000 } as const;

/** Files that hold them: a slow model gets its work in small ones, because a shard has a megabyte at least. */
const FILES = { sklearn: 1, cascade: 8, transformer: 8 } as const;

/** The limit for the share of the bare model's speed. */
const SHARES = { sklearn: 0.5, cascade: 0.9, transformer: 0.9 } as const;

const COLUMNS: readonly Column[] = [
  { key: 'contender', head: 'contender' },
  { key: 'perSecond', head: 'records/s' },
];

/** Files of a folder and of an embedded S3, classified by worker processes: asked for by name, as it takes some time. */
export const benchObjects = async function* (context: BenchContext): AsyncGenerator<Section> {
  const { endpoints, stop } = await startEmulators({ services: ['s3'] });
  const clients = objectClients(endpoints);
  try {
    for (const Bucket of [BUCKET, OUTPUT]) await clients.s3.send(new CreateBucketCommand({ Bucket }));
    for (const model of context.models) yield await speed(context, model, { s3: clients.s3, endpoints });
  } finally {
    clients.destroy();
    await stop();
  }
};

interface Embedded {
  readonly s3: S3Client;
  readonly endpoints: Endpoints;
}

const TITLES = {
  bare: 'the bare model, texts in memory, batches of 1,000',
  s3One: 'ours, embedded S3, one worker',
  s3Two: 'ours, embedded S3, two workers',
  folderOne: 'ours, a folder, one worker',
  folderTwo: 'ours, a folder, two workers',
  pandas: 'pandas + ONNX Runtime, sorted by length, from file to file',
} as const;

type Name = keyof typeof TITLES;

const speed = async (
  context: BenchContext,
  model: ModelFolder,
  { s3, endpoints }: Embedded,
): Promise<Section> => {
  const { quick, root, built } = context;
  const id = idOf(model);
  const format = model.manifest.format as keyof typeof RECORDS;
  const lines = (quick ? QUICK_RECORDS : RECORDS)[format];
  const texts = [...generateMessages({ seed: 5, count: lines })];
  const bare = await openModel(built, id);
  const times = await withScratch(join(root, '.build'), async (folder) => {
    const records = texts.map((text, index) => `${JSON.stringify({ id: index, text })}\n`);
    const [whole, input] = [join(folder, 'messages.jsonl'), join(folder, 'in')];
    await writeFile(whole, records.join(''));
    await mkdir(input);
    for (const [number, some] of chunks(records, Math.ceil(lines / FILES[format])).entries()) {
      await writeFile(join(input, `${number}.jsonl`), some.join(''));
      const object = { Bucket: BUCKET, Key: `${id}/${number}.jsonl`, Body: some.join('') };
      await s3.send(new PutObjectCommand(object));
    }
    const pandas = await pandasPeer(context, model, whole, join(folder, 'answers.jsonl'));
    let round = 0;
    const batch = (workers: number, where: 's3' | 'folder'): Contender => {
      const [from, to, options] =
        where === 's3' ? [`s3://${BUCKET}/${id}/`, `s3://${OUTPUT}`, { endpoints }] : [input, folder, {}];
      return async () => {
        round += 1;
        const output = `${to}/out-${round}/`;
        const { seconds } = await runBatch(root, { ...options, id, workers, input: from, output, lines });
        return seconds * 1_000;
      };
    };
    const isDouble = availableParallelism() > 1;
    return takeTurns<string>(
      {
        bare: async () => {
          for (const some of chunks(texts, 1_000)) await bare.classify(some);
          return undefined;
        },
        s3One: batch(1, 's3'),
        folderOne: batch(1, 'folder'),
        ...(isDouble && { s3Two: batch(2, 's3'), folderTwo: batch(2, 'folder') }),
        ...(pandas !== undefined && { pandas }),
      },
      { rounds: quick ? 1 : 3, warmUps: quick ? 0 : 1 },
    );
  });
  const of = (name: Name): Measurement | undefined => {
    const ms = (times as Readonly<Record<string, Measurement | undefined>>)[name];
    return ms === undefined ? undefined : speedOf(lines, ms);
  };
  return {
    id: `objects:${id}`,
    title: `${id} over ${lines.toLocaleString('en-US')} messages, JSON lines`,
    ratios: [
      ...ratioOf('one worker over the bare model, embedded S3', of('s3One'), of('bare'), {
        atLeast: SHARES[format],
      }),
      ...ratioOf('two workers over one, a folder', of('folderTwo'), of('folderOne'), { atLeast: 1.8 }),
      ...ratioOf('two workers over one, embedded S3', of('s3Two'), of('s3One'), { atLeast: 1.8 }),
      ...ratioOf('one worker over pandas + ONNX Runtime, from file to file', of('folderOne'), of('pandas'), {
        atLeast: 1,
      }),
    ],
    columns: COLUMNS,
    rows: (Object.keys(TITLES) as Name[]).flatMap((name) => {
      const value = of(name);
      return value === undefined ? [] : [{ contender: TITLES[name], perSecond: value.value }];
    }),
    notes: [
      'Workers: npm run batch, with the start of its processes, planning, reading and writing; pandas: with the start of its process, too.',
      'The embedded S3 has a process of its own, and shares the cores.',
    ],
  };
};
