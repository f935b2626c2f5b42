/** `npm run redrive`: lists by reason what was given up, and puts chosen parts back into the stream or the queue. */
import { Command } from 'commander';
import { awsFault } from '../aws-fault.ts';
import { must } from '../../errors.ts';
import { figuresText } from '../report/terminal.ts';
import { listFailedObjects, sendFailedObjects } from '../stage/redrive/failed-objects.ts';
import {
  groupByReason,
  reasonsSection,
  type Listed,
  listFailedBatches,
  listRejects,
} from '../stage/redrive/list.ts';
import { urlOf } from '../stage/redrive/queue.ts';
import { type Queues, takeQueues, type Wanted } from '../stage/redrive/queues.ts';
import type { Selection } from '../stage/redrive/selection.ts';
import { sendFailedBatches } from '../stage/redrive/send-failed-batches.ts';
import { type Redriven, sendRejects } from '../stage/redrive/send-rejects.ts';
import { openTarget, type Target } from '../stage/redrive/target.ts';
import { UserError } from '../user-error.ts';
import { ROOT } from './root.ts';
import { run, STATUS, withStatus } from './run.ts';

interface Choices {
  readonly stage: string;
  readonly region?: string;
  readonly code?: readonly string[];
  readonly shard?: readonly string[];
  readonly sequence?: readonly string[];
  readonly json?: boolean;
  readonly failedBatches?: boolean;
  readonly failedObjects?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

const names = (value: string, former: readonly string[] = []): readonly string[] => [
  ...former,
  ...value.split(',').filter((name) => name !== ''),
];

const selectionOf = ({ code, shard, sequence }: Choices): Selection => ({
  ...(code && { codes: code }),
  ...(shard && { shards: shard }),
  ...(sequence && { sequences: sequence }),
});

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);

const withTarget = async (
  choices: Choices,
  wanted: Wanted,
  work: (target: Target, queues: Queues) => Promise<number>,
): Promise<number> => {
  try {
    await using stack = new AsyncDisposableStack();
    const target = stack.adopt(await openTarget({ root: ROOT, ...choices }), ({ close }) => close());
    const { rejects, stream, failedBatches } = target.names;
    log(`${target.place}\ntable ${rejects}, stream ${stream}, queue ${failedBatches}`);
    return await work(target, stack.use(await takeQueues(target, wanted, log)));
  } catch (cause) {
    throw awsFault(cause, process.argv.slice(2).join(' '));
  }
};

const wantedOf = (queues: boolean): Wanted => ({ batches: queues, objects: queues });

const list = (choices: Choices): Promise<number> =>
  withTarget(choices, wantedOf(choices.sequence === undefined), async (target, { batches, objects }) => {
    const selection = selectionOf(choices);
    const listed = async function* (): AsyncGenerator<Listed> {
      yield* listRejects(target, selection, choices.json === true);
      if (batches) yield* listFailedBatches(batches, selection);
      if (objects) yield* listFailedObjects(objects, selection);
    };
    if (choices.json) {
      // Not the report, but what it counts: as many lines as there are.
      for await (const line of listed()) console.log(JSON.stringify(line));
      return STATUS.fine;
    }
    const groups = await groupByReason(listed());
    console.log(
      groups.length === 0
        ? 'No rejects, no failed batches and no failed objects.'
        : figuresText(reasonsSection(groups)),
    );
    return STATUS.fine;
  });

const send = async (choices: Choices): Promise<number> => {
  const { code, sequence, shard, all = false, dryRun = false } = choices;
  const { failedBatches = false, failedObjects = false } = choices;
  const wanted: Wanted = { batches: all || failedBatches, objects: all || failedObjects };
  // A shard narrows another selection; alone it selects its rejects. Of a queue a code narrows the selection.
  const ofQueues = failedBatches || failedObjects;
  const wantsRejects =
    all || (code !== undefined && !failedObjects) || sequence !== undefined || (!!shard && !ofQueues);
  if (!wantsRejects && !wanted.batches && !wanted.objects) {
    throw new UserError(
      'Nothing is chosen, nothing was sent. Choose by --code, --shard, --sequence, --failed-batches or ' +
        '--failed-objects, or --all.',
    );
  }
  return withTarget(choices, wanted, async (target, { batches, objects }) => {
    if (failedBatches && batches === undefined) throw new UserError('Nothing was sent.');
    if (failedObjects && objects === undefined)
      throw new UserError(
        `Queue ${target.names.failedObjects} not found: the stage has none without objects=s3. Nothing was sent.`,
      );
    const selection = selectionOf(choices);
    const redriven = async function* (): AsyncGenerator<Redriven> {
      if (wantsRejects) yield* sendRejects(target, selection, { dryRun });
      if (batches) yield* sendFailedBatches(target, batches, selection, { dryRun });
      if (objects) yield* sendFailedObjects(await objectsOf(target), objects, selection, { dryRun });
    };
    const sent = { records: 0, messages: 0 };
    let kept = 0;
    try {
      for await (const one of redriven()) {
        sent[one.kind === 'failed-object' ? 'messages' : 'records'] += one.records;
        if (one.kept === undefined) continue;
        kept += 1;
        log(`kept ${one.kind} ${one.what}: ${one.kept}`);
      }
    } finally {
      const messages = objects === undefined ? '' : ` and ${sent.messages} messages about objects`;
      console.log(
        `${dryRun ? 'would send' : 'sent'} ${sent.records} records${messages}, ${dryRun ? 'keep' : 'kept'} ${kept}`,
      );
    }
    return kept === 0 ? STATUS.fine : STATUS.broken;
  });
};

const objectsOf = async ({ sqs, names }: Target) => ({
  sqs: must(sqs, 'SQS'),
  url: must(await urlOf(must(sqs, 'SQS'), names.objects), `URL of ${names.objects}`),
});

const program = new Command('npm run redrive --').description(
  'Lists rejects, failed batches and failed objects, and sends chosen ones through again: on AWS, or at AWS_ENDPOINT_URL_*.',
);
const command = (name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .option('--stage <name>', 'stage of the deployment', 'dev')
    .option('--region <name>', "instead of AWS_REGION or serverless.yml's")
    .option('--code <codes>', 'rejects for these reasons, such as bad-json,bad-utf8', names)
    .option('--shard <shards>', 'only of these shards, such as shardId-000000000000', names)
    .option('--sequence <numbers>', 'rejects with these sequence numbers', names);
command(
  'list',
  'What was given up, counted by reason; --code takes conditions of failed batches and kinds of messages, too.',
)
  .option('--json', 'one JSON line for each instead, with size and digest of its data')
  .action(withStatus(list));
command('send', 'Puts the selection back into the stream or the queue, and deletes what that has accepted.')
  .option('--failed-batches', 'batches that Lambda discarded after their retries')
  .option('--failed-objects', 'messages about objects in S3 that were given up after their retries')
  .option('--all', 'all rejects, failed batches and failed objects; other options narrow the selection')
  .option('--dry-run', 'report what would be sent, and what cannot be recovered')
  .action(withStatus(send));

await run(program);
