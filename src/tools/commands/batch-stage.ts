import { TerminateJobCommand } from '@aws-sdk/client-batch';
import type { Command } from 'commander';
import { TransientError } from '../../errors.ts';
import { awsFault } from '../aws-fault.ts';
import { megabytes } from '../build/layer-size.ts';
import { reportJson } from '../report/json.ts';
import { figuresText, sectionText } from '../report/terminal.ts';
import { defaultParameters } from '../serverless-yml/default-parameters.ts';
import { relabelJobReport } from '../relabel/batch/report.ts';
import { relabelSection } from '../relabel/report.ts';
import { jobSection, jobsSection } from '../stage/batch/report.ts';
import { openStageBatch, type StageBatch } from '../stage/batch/stage-batch.ts';
import { jobState, listJobs } from '../stage/batch/status.ts';
import { type SubmitChoices, submitJob } from '../stage/batch/submit.ts';
import { UserError } from '../user-error.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { STATUS, withStatus } from './run.ts';

interface Choices {
  readonly stage: string;
  readonly region?: string;
}

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);

const onStage = async (choices: Choices, work: (batch: StageBatch) => Promise<number>): Promise<number> => {
  try {
    const batch = await openStageBatch({ root: ROOT, ...choices });
    try {
      log(`${batch.place}: queue ${batch.names.queue}`);
      return await work(batch);
    } finally {
      batch.close();
    }
  } catch (cause) {
    if (cause instanceof TransientError) throw new UserError(cause.message, { cause });
    throw awsFault(cause, process.argv.slice(2).join(' '));
  }
};

const submit = async (batch: StageBatch, choices: Omit<SubmitChoices, 'jobMB'>, stage: string) => {
  const { batchJobMB } = await defaultParameters(ROOT);
  const { job, objects, bytes, children } = await submitJob(batch, { ...choices, jobMB: Number(batchJobMB) });
  const size = bytes === 0 ? '' : `, ${megabytes(bytes)}`;
  console.log(job);
  log(`${objects.toLocaleString('en-US')} objects${size}, shared by ${children} of AWS Batch`);
  log(`See what becomes of it: npm run batch -- status ${job} --stage ${stage}`);
  return STATUS.fine;
};

const status = async (batch: StageBatch, id: string | undefined, isJson: boolean): Promise<number> => {
  if (id === undefined) {
    const section = jobsSection(await listJobs(batch));
    if (isJson) console.log(reportJson([section]));
    else console.log(section.rows.length === 0 ? 'No jobs in the last week.' : figuresText(section));
    return STATUS.fine;
  }
  const state = await jobState(batch, id);
  const relabel = state.isRelabel ? await relabelJobReport(batch, state.name) : undefined;
  const sections = [jobSection(state), ...(relabel === undefined ? [] : [relabelSection(relabel, relabel)])];
  if (isJson) console.log(reportJson(sections, { ...state, ...(relabel && { relabel }) }));
  else for (const section of sections) console.log(sectionText(section));
  return state.status === 'FAILED' ? STATUS.broken : STATUS.fine;
};

const cancel = async ({ client }: StageBatch, id: string): Promise<number> => {
  await client.send(new TerminateJobCommand({ jobId: id, reason: 'npm run batch -- cancel' }));
  console.log(`${id}: cancelled; what is finished stays, and a new job does the rest`);
  return STATUS.fine;
};

/** Adds the commands for jobs of a stage to `npm run batch`. */
export const addStageCommands = (program: Command): void => {
  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option('--stage <name>', 'stage of the deployment', 'dev')
      .option('--region <name>', "instead of AWS_REGION or serverless.yml's");
  command(
    'submit',
    'Submits a job to AWS Batch: objects of S3, shared by as many machines as its size needs.',
  )
    .option('--input <place>', 's3://bucket/prefix, or one object')
    .option('--list <place>', 'an object that names objects instead: s3://bucket/key in each line')
    .option('--output <place>', "s3://bucket/prefix; else the stage's")
    .option('--model <name>', "model, as name or name@version; else the stage's")
    .option('--children <n>', 'how many share it, instead of by the size of the input', whole(1, 10_000))
    .action(
      withStatus((_: unknown, own: Command) => {
        // The options of the program have the same names, and take them otherwise.
        const choices = own.optsWithGlobals<Choices & Omit<SubmitChoices, 'jobMB'>>();
        return onStage(choices, (batch) => submit(batch, choices, choices.stage));
      }),
    );
  command(
    'status [job]',
    'The jobs of the last week, or one of them with its progress; exit status 1 if it failed.',
  )
    .option('--json', 'the same as JSON')
    .action(
      withStatus((job: string | undefined, choices: Choices & { readonly json?: boolean }) =>
        onStage(choices, (batch) => status(batch, job, choices.json === true)),
      ),
    );
  command('cancel <job>', 'Ends a job; shards that have begun are finished or given up.').action(
    withStatus((job: string, choices: Choices) => onStage(choices, (batch) => cancel(batch, job))),
  );
};
