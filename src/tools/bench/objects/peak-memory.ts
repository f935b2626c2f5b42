import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { generateMessages } from '../../ingest/input/messages.ts';
import { withScratch } from '../../scratch-folder.ts';

const run = promisify(execFile);

export interface MeasuredObject {
  /** Of the function. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly id: string;
  readonly lines: number;
  readonly lineBytes: number;
}

/** The most resident memory, in MB, of a process that classifies an object of a folder in one shard. */
export const peakMemory = async (
  root: string,
  { environment, id, lines, lineBytes }: MeasuredObject,
): Promise<number> =>
  withScratch(join(root, '.build'), async (folder) => {
    const file = join(folder, 'messages.jsonl');
    await pipeline(Readable.from(longLines(lines, lineBytes)), createWriteStream(file));
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'memory-probe.ts')], {
      env: { ...process.env, ...environment, MODEL: id, PROBED_FOLDER: folder },
    });
    return Number(stdout.trim());
  });

/** Distinct lines of about that many bytes. */
function* longLines(count: number, bytes: number): Generator<string> {
  const messages = [...generateMessages({ seed: 3, count: 2_000 })];
  for (let line = 0; line < count; line += 1) {
    let text = `${line}`;
    for (let next = line; text.length < bytes; next += 1) text += ` ${messages[next % messages.length]}`;
    yield `${JSON.stringify({ id: line, text })}\n`;
  }
}
