import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BatchReport } from '../../batch/local.ts';
import { LOCAL_CREDENTIALS, localRegion } from '../../emulators/aws/aws-clients.ts';
import type { Endpoints } from '../../emulators/aws/emulators.ts';
import { withScratch } from '../../scratch-folder.ts';

export interface BatchRun {
  readonly id: string;
  /** A file, a folder, or `s3://bucket/prefix` of the embedded S3. */
  readonly input: string;
  readonly output: string;
  readonly workers: number;
  /** Of the embedded S3. */
  readonly endpoints?: Endpoints;
  /** Lines that there are. */
  readonly lines: number;
}

const run = promisify(execFile);

/** The embedded S3 takes any. */
const LOCAL_ACCOUNT = {
  AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
  AWS_REGION: localRegion(),
} as const;

/**
 * Runs `npm run batch`. Its seconds are without the build before it, and with the start of its processes.
 *
 * @throws Error where a line has no answer: its figures would mean nothing
 */
export const runBatch = async (
  root: string,
  { id, input, output, workers, endpoints = {}, lines }: BatchRun,
): Promise<BatchReport> =>
  withScratch(join(root, '.build'), async (folder) => {
    const file = join(folder, 'report.json');
    const command = [
      join(root, 'src', 'tools', 'commands', 'batch.ts'),
      ...['--input', input, '--output', output, '--model', id, '--text-column', 'text'],
      ...['--workers', String(workers), '--quiet', '--report', file],
    ];
    await run(process.execPath, command, { env: { ...process.env, ...endpoints, ...LOCAL_ACCOUNT } });
    const report = JSON.parse(await readFile(file, 'utf8')) as BatchReport;
    const { labelled } = report.tally.counts;
    if (labelled !== lines) throw new Error(`${labelled} of ${lines} lines have labels`);
    return report;
  });
