/** A process that classifies `messages.jsonl` of a folder, and prints the most memory that it took, in MB. */
import { must } from '../../../errors.ts';
import { wireJob } from '../../../wire/jobs.ts';
import { UNMETERED } from '../../../pipeline/meter.ts';

const folder = must(process.env.PROBED_FOLDER, 'PROBED_FOLDER');
const { runs, input } = await wireJob(
  {
    ...process.env,
    INPUT: `${folder}/messages.jsonl`,
    OUTPUT_BUCKET: `${folder}/out`,
    NAMING: 'plain',
    TEXT_ATTRIBUTES: 'text',
    SHARD_MB: '4096',
  },
  { loadsModels: true },
);
const { signal } = new AbortController();
const [model] = await runs.models();
if (!('below' in input)) throw new Error('the input should be a file');
const run = await runs.start(input.below, must(model, 'model'));
for (const task of await runs.plan(run, signal)) await runs.classify(task, signal, UNMETERED);
// Kilobytes.
console.log(Math.round(process.resourceUsage().maxRSS / 1_024));
