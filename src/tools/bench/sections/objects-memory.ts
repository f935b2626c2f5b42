import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { must } from '../../../errors.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { generateMessages } from '../../ingest/input/messages.ts';
import { ratioOf, type Section } from '../../report/section.ts';
import { withScratch } from '../../scratch-folder.ts';
import { type BenchContext, idOf } from '../context.ts';
import { runBatch } from '../objects/batch-run.ts';

const MB = 2 ** 20;

/** Inputs whose memory is compared. */
const SIZES_MB = [10, 100, 1_000] as const;
const QUICK_SIZES_MB = [10, 100] as const;

/**
 * Bytes of each line that are no text: a gigabyte of nothing but messages takes a slow model hours, and they tell
 * nothing more about what reads and writes.
 */
const OTHER_BYTES = { sklearn: 0, cascade: 10_000, transformer: 10_000 } as const;

/** The memory of a process as its input grows: asked for by name, as it takes a quarter of an hour. */
export const benchObjectsMemory = async function* (context: BenchContext): AsyncGenerator<Section> {
  for (const model of context.models) yield await memory(context, model);
};

const memory = async ({ quick, root }: BenchContext, model: ModelFolder): Promise<Section> => {
  const id = idOf(model);
  const otherBytes = OTHER_BYTES[model.manifest.format as keyof typeof OTHER_BYTES];
  const rows: { readonly megabytes: number; readonly lines: number; readonly peakMB: number }[] = [];
  for (const megabytes of quick ? QUICK_SIZES_MB : SIZES_MB) {
    rows.push(
      await withScratch(join(root, '.build'), async (folder) => {
        const input = join(folder, 'messages.jsonl');
        const lines = await writeLines(input, megabytes * MB, otherBytes);
        const { tally } = await runBatch(root, { id, input, output: join(folder, 'out'), workers: 1, lines });
        return { megabytes, lines, peakMB: tally.peakMB };
      }),
    );
  }
  const [first, last] = [must(rows[0], 'row'), must(rows.at(-1), 'row')];
  return {
    id: `objects-memory:${id}`,
    title: `Memory of a process that classifies files with ${id}, by their size`,
    ratios: [
      ...ratioOf('peak memory, largest over smallest', last.peakMB, first.peakMB, { atMost: 1.2 }),
      { name: 'peak memory, largest', value: last.peakMB, unit: 'MB', target: { atMost: 400 } },
    ],
    columns: [
      { key: 'megabytes', head: 'MB of the file' },
      { key: 'lines', head: 'lines' },
      { key: 'peakMB', head: 'peak MB' },
    ],
    rows,
    notes: [
      'A process of npm run batch, shard by shard. Node.js, ONNX Runtime and the model are part of it.',
      ...(otherBytes > 0
        ? [`Each line has a message, and ${otherBytes.toLocaleString('en-US')} bytes beside it.`]
        : []),
    ],
  };
};

const LEAST_LINE_BYTES = '{"id":0,"text":""}\n'.length;

/** Writes lines of so many bytes together. @returns how many */
const writeLines = async (file: string, bytes: number, otherBytes: number): Promise<number> => {
  let lines = 0;
  const other = otherBytes === 0 ? {} : { other: 'x'.repeat(otherBytes) };
  const generate = function* (): Generator<string> {
    let written = 0;
    for (const text of generateMessages({ seed: 3, count: Math.ceil(bytes / LEAST_LINE_BYTES) })) {
      const line = `${JSON.stringify({ id: lines, text, ...other })}\n`;
      yield line;
      lines += 1;
      written += Buffer.byteLength(line);
      if (written >= bytes) return;
    }
  };
  await pipeline(Readable.from(generate()), createWriteStream(file));
  return lines;
};
