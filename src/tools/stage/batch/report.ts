import { type Fact, factsSection, type Section, tableSection } from '../../report/section.ts';
import type { JobState, ListedJob } from './status.ts';

const whole = (value: number): string => value.toLocaleString('en-US');
const minute = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A job: its state, that of its children, and what it has done. */
export const jobSection = ({
  id,
  name,
  status,
  reason,
  children,
  startedAt,
  stoppedAt,
  isRelabel,
  runs,
}: JobState): Section =>
  factsSection('job', `${name} ${id}`, [
    ['status', reason === undefined || reason === '' ? status : `${status}: ${reason}`],
    ...Object.entries(children).map(([state, count]): Fact => [`children ${state}`, whole(count)]),
    ...(startedAt === undefined ? [] : [['started', minute(startedAt)] as const]),
    ...(stoppedAt === undefined ? [] : [['ended', minute(stoppedAt)] as const]),
    ...(runs === undefined
      ? isRelabel
        ? []
        : [['objects', 'not planned yet'] as const]
      : [
          ['objects finished', `${whole(runs.finished)} of ${whole(runs.planned)}`] as const,
          ['shards', whole(runs.shards)] as const,
          ...(runs.faults > 0 ? [['objects with faults', whole(runs.faults)] as const] : []),
        ]),
  ]);

/** Jobs, a row for each. */
export const jobsSection = (jobs: readonly ListedJob[]): Section =>
  tableSection(
    'jobs',
    'Jobs of the last week',
    [
      { key: 'id', head: 'job' },
      { key: 'name', head: 'name' },
      { key: 'status', head: 'status' },
      { key: 'created', head: 'submitted' },
    ],
    jobs.map(({ id, name, status, createdAt }) => ({ id, name, status, created: minute(createdAt) })),
  );
