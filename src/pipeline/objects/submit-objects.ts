import { PermanentError } from '../../errors.ts';
import { type JobQueue, jobForObject } from './job-queue.ts';
import { isFolder, isOwnOutput, readMessage } from './messages.ts';

export interface PlanObjectsParts {
  readonly jobs: JobQueue;
  readonly bytesOfChild: number;
}

/** A job that was submitted for an object. */
export interface SubmittedJob {
  readonly job: string;
  readonly bucket: string;
  readonly key: string;
  readonly children: number;
}

/**
 * Submits a job for each object that an event names: what is too large for the function that classifies objects.
 *
 * @param event of S3, as EventBridge hands it over
 * @throws TransientError; PermanentError (`bad-shape`) for what is no event of S3
 */
export const submitObjects = async (
  event: unknown,
  { jobs, bytesOfChild }: PlanObjectsParts,
): Promise<readonly SubmittedJob[]> => {
  const message = readMessage(JSON.stringify(event));
  if (message.kind === 'nothing') return [];
  if (message.kind !== 'objects') throw new PermanentError('bad-shape', 'the event is no event of S3');
  const submitted: SubmittedJob[] = [];
  for (const object of message.objects) {
    // The rule does not match outputs of this stage; those of others may have been copied.
    if (isFolder(object) || isOwnOutput(object, NO_OUTPUT)) continue;
    const job = jobForObject(object, object.size ?? 0, bytesOfChild);
    const { bucket, key } = object;
    submitted.push({ job: await jobs.submit(job), bucket, key, children: job.children });
  }
  return submitted;
};

/** A bucket that no object is in. */
const NO_OUTPUT = { bucket: '', prefix: '' } as const;
