/** `npm run redrive`: lists rejects and failed batches by reason, and puts chosen ones back into the stream. */
import { Command } from 'commander';
import { awsFault } from '../aws-fault.ts';
import { figuresText } from '../report/terminal.ts';
import {
  groupByReason,
  reasonsSection,
  type Listed,
  listFailedBatches,
  listRejects,
} from '../stage/redrive/list.ts';
import { HIDDEN_SECONDS, type Messages, takeMessages } from '../stage/redrive/queue.ts';
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
  wantsQueue: boolean,
  work: (target: Target, queue: Messages | undefined) => Promise<number>,
): Promise<number> => {
  try {
    return await onTarget(choices, wantsQueue, work);
  } catch (cause) {
    throw awsFault(cause, process.argv.slice(2).join(' '));
  }
};

const onTarget: typeof withTarget = async (choices, wantsQueue, work) => {
  await using stack = new AsyncDisposableStack();
  const target = stack.adopt(await openTarget({ root: ROOT, ...choices }), ({ close }) => close());
  const { rejects, stream, failedBatches } = target.names;
  log(`${target.place}\ntable ${rejects}, stream ${stream}, queue ${failedBatches}`);
  if (!wantsQueue) return work(target, undefined);
  const queue = target.sqs && (await takeMessages(target.sqs, failedBatches));
  if (queue === undefined) {
    log(`Queue ${failedBatches} not found here (AWS_ENDPOINT_URL_SQS): rejects only.`);
    return work(target, undefined);
  }
  stack.use(queue);
  if (queue.hidden > 0) {
    log(
      `About ${queue.hidden} messages more are in use; left by a run, they are back in ${HIDDEN_SECONDS} s.`,
    );
  }
  return await work(target, queue);
};

const list = (choices: Choices): Promise<number> =>
  withTarget(choices, choices.sequence === undefined, async (target, queue) => {
    const selection = selectionOf(choices);
    const listed = async function* (): AsyncGenerator<Listed> {
      yield* listRejects(target, selection, choices.json === true);
      if (queue) yield* listFailedBatches(queue, selection);
    };
    if (choices.json) {
      // Not the report, but what it counts: as many lines as there are.
      for await (const line of listed()) console.log(JSON.stringify(line));
      return STATUS.fine;
    }
    const groups = await groupByReason(listed());
    console.log(
      groups.length === 0 ? 'No rejects and no failed batches.' : figuresText(reasonsSection(groups)),
    );
    return STATUS.fine;
  });

const send = async (choices: Choices): Promise<number> => {
  const { code, sequence, shard, all = false, failedBatches = false, dryRun = false } = choices;
  const wantsBatches = all || failedBatches;
  // A shard narrows another selection; alone it selects its rejects.
  const wantsRejects = all || code !== undefined || sequence !== undefined || (!!shard && !failedBatches);
  if (!wantsRejects && !wantsBatches) {
    throw new UserError(
      'Nothing is chosen, nothing was sent. Choose by --code, --shard, --sequence or --failed-batches, or --all.',
    );
  }
  return withTarget(choices, wantsBatches, async (target, queue) => {
    if (failedBatches && queue === undefined) throw new UserError('Nothing was sent.');
    const selection = selectionOf(choices);
    const redriven = async function* (): AsyncGenerator<Redriven> {
      if (wantsRejects) yield* sendRejects(target, selection, { dryRun });
      if (queue) yield* sendFailedBatches(target, queue, selection, { dryRun });
    };
    let records = 0;
    let kept = 0;
    try {
      for await (const one of redriven()) {
        records += one.records;
        if (one.kept === undefined) continue;
        kept += 1;
        log(`kept ${one.kind} ${one.what}: ${one.kept}`);
      }
    } finally {
      console.log(
        `${dryRun ? 'would send' : 'sent'} ${records} records, ${dryRun ? 'keep' : 'kept'} ${kept}`,
      );
    }
    return kept === 0 ? STATUS.fine : STATUS.broken;
  });
};

const program = new Command('npm run redrive --').description(
  'Lists rejects and failed batches, and sends chosen ones through again: on AWS, or at AWS_ENDPOINT_URL_*.',
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
  'Rejects and failed batches, counted by reason; --code takes conditions of failed batches, too.',
)
  .option('--json', 'one JSON line for each instead, with size and digest of its data')
  .action(withStatus(list));
command('send', 'Puts the selection back into the stream, and deletes what the stream has accepted.')
  .option('--failed-batches', 'batches that Lambda discarded after their retries')
  .option('--all', 'all rejects and failed batches; other options narrow the selection')
  .option('--dry-run', 'report what would be sent, and what cannot be recovered')
  .action(withStatus(send));

await run(program);
