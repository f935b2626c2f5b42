import fc from 'fast-check';
import { TransientError } from '../../src/errors.ts';
import { childrenFor, jobForObject, jobName, type ObjectJob } from '../../src/pipeline/objects/job-queue.ts';
import { submitObjects } from '../../src/pipeline/objects/submit-objects.ts';

const MB = 2 ** 20;
const event = (key: string, size: number) => ({
  ...{ version: '0', id: 'e1', source: 'aws.s3', 'detail-type': 'Object Created' },
  detail: { bucket: { name: 'texts' }, object: { key, size, etag: 'e', sequencer: '01' } },
});
const queue = () => {
  const submitted: ObjectJob[] = [];
  return {
    submitted,
    jobs: { submit: async (job: ObjectJob) => `job ${submitted.push(job)}` },
    bytesOfChild: 256 * MB,
  };
};

describe('the planner of jobs', () => {
  it('submits a job with as many children as a large object needs', async () => {
    const parts = queue();
    expect(await submitObjects(event('in/a b+ü.jsonl', 1_000 * MB), parts)).toEqual([
      { job: 'job 1', bucket: 'texts', key: 'in/a b+ü.jsonl', children: 4 },
    ]);
    expect(parts.submitted).toEqual([
      { name: 'in-a-b-jsonl', children: 4, settings: { INPUT: 's3://texts/in/a b+ü.jsonl' } },
    ]);
  });

  it('gives a compressed object to one: it cannot be divided', async () => {
    const parts = queue();
    await submitObjects(event('in/a.jsonl.gz', 10_000 * MB), parts);
    expect(parts.submitted).toMatchObject([{ children: 1 }]);
  });

  it('submits none for outputs and folders', async () => {
    const parts = queue();
    for (const [key, size] of [
      ['a.out', 5],
      ['a.manifest.json', 5],
      ['x/.parts/1/00000', 5],
      ['folder/', 0],
    ] as const)
      expect(await submitObjects(event(key, size), parts)).toEqual([]);
    expect(parts.submitted).toEqual([]);
  });

  it('fails where the event is none of S3, or the job cannot be submitted, so that it is tried again', async () => {
    await expect(submitObjects({ source: 'aws.ec2' }, queue())).rejects.toThrow('no event of S3');
    const jobs = { submit: () => Promise.reject(new TransientError('throttled')) };
    await expect(submitObjects(event('a.csv', 1), { jobs, bytesOfChild: 1 })).rejects.toThrow('throttled');
  });

  it('gives every object a job that AWS Batch takes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.nat({ max: 2 ** 43 }), (key, size) => {
        const { name, children } = jobForObject({ bucket: 'texts', key }, size, 256 * MB);
        expect(name).toMatch(/^[A-Za-z0-9][\w-]{0,127}$/);
        expect(children).toBeGreaterThanOrEqual(1);
        expect(children).toBeLessThanOrEqual(10_000);
      }),
    );
    expect(jobName('///')).toBe('objects');
    expect([0, 1, 256 * MB, 256 * MB + 1].map((bytes) => childrenFor(bytes, 256 * MB))).toEqual([1, 1, 1, 2]);
  });
});
