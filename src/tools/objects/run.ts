import { join, resolve } from 'node:path';
import type { OptionValues } from 'commander';
import type { SingleBar } from 'cli-progress';
import { memoryFault } from '../emulators/lambda/memory-fault.ts';
import type { Reported } from '../report/report-file.ts';
import { figuresText } from '../report/terminal.ts';
import { UserError } from '../user-error.ts';
import { inputFiles } from './buckets.ts';
import { classifyObjects } from './classify-objects.ts';
import { faultsOf, objectsSections } from './report.ts';

/** Options of `npm start` that apply to objects. */
const APPLY = new Set([
  'objects',
  'output',
  'model',
  'memory',
  'concurrency',
  'textColumn',
  'questionColumn',
  'contextColumn',
  'report',
  'html',
  'quiet',
]);

export interface ObjectsResult {
  readonly report: Reported;
  readonly fault: string | undefined;
}

/**
 * `npm start -- --objects`: files through the embedded S3 and the built function.
 *
 * @param given names of the options on the command line
 * @throws UserError where one of them is for an ingest
 */
export const runObjects = async (
  root: string,
  { objects, output, model, memory, concurrency, quiet, ...columns }: OptionValues,
  given: readonly string[],
  bar: SingleBar,
): Promise<ObjectsResult> => {
  const other = given.find((name) => !APPLY.has(name));
  if (other !== undefined)
    throw new UserError(
      `--${other.replaceAll(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)} is not for --objects.`,
    );
  const files = await inputFiles(objects);
  if (quiet !== true) bar.start(files.length, 0);
  const run = await classifyObjects(root, {
    ...{ files, model, memory, concurrency },
    folder: output === undefined ? join(root, '.build', 'objects-output') : resolve(output),
    ...(given.includes('textColumn') && { textAttributes: columns.textColumn }),
    ...(given.includes('questionColumn') && { questionAttribute: columns.questionColumn }),
    ...(given.includes('contextColumn') && { contextAttribute: columns.contextColumn }),
    onProgress: (done, total) => {
      bar.setTotal(total);
      bar.update(Math.min(done, total));
    },
  });
  bar.stop();
  const sections = objectsSections(run);
  if (quiet !== true) for (const section of sections) console.log(figuresText(section));
  const faults = faultsOf(run);
  const fault = faults.length > 0 ? faults.join('\n') : memoryFault(run.stats.memoryMB);
  return { report: { ...run, sections }, fault };
};
