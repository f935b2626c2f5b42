import type { ObjectName } from './object-store.ts';

/** A job over objects: the children of an array job share them, a single job has all. */
export interface ObjectJob {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** Settings, over those that all jobs have. */
  readonly settings: Readonly<Record<string, string>>;
  /** How many processes on machines of their own share it. */
  readonly children: number;
}

/** Where jobs wait for their turn. */
export interface JobQueue {
  /** @returns the id of the job @throws TransientError */
  submit(job: ObjectJob): Promise<string>;
}

/** The most children of a job. @see https://docs.aws.amazon.com/batch/latest/userguide/array_jobs.html */
export const MOST_CHILDREN = 10_000;

/** The children that a job for so many bytes needs. */
export const childrenFor = (bytes: number, bytesOfChild: number): number =>
  Math.min(MOST_CHILDREN, Math.max(1, Math.ceil(bytes / bytesOfChild)));

const COMPRESSED = /\.gz$/i;

/** The job for one object. A compressed one cannot be divided. */
export const jobForObject = ({ bucket, key }: ObjectName, size: number, bytesOfChild: number): ObjectJob => ({
  name: jobName(key),
  settings: { INPUT: `s3://${bucket}/${key}` },
  children: COMPRESSED.test(key) ? 1 : childrenFor(size, bytesOfChild),
});

/** A name that AWS Batch takes, of any text. @see https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html */
export const jobName = (text: string): string =>
  text
    .replaceAll(/[^\w-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 128) || 'objects';
