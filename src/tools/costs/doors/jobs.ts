import { monthChart } from '../endpoint.ts';
import { factsSection, type Section } from '../../report/section.ts';
import { MB_PER_VCPU } from '../../../wire/models.ts';
import { PRICES } from '../prices.ts';
import { type Architecture, lambdaTime, textSeconds } from './lambda-time.ts';
import { type Lines, megabytesOf } from './objects.ts';
import { dollars, whole } from './words.ts';

export interface JobsRequest extends Lines {
  readonly architecture: Architecture;
  /** Of each child of a job. */
  readonly vcpus: number;
  readonly memory: number;
  /** MB of input that a child is for. */
  readonly jobMB: number;
}

/** What a month's jobs take; US dollars. */
export interface JobsMonth {
  readonly children: number;
  readonly vcpuHours: number;
  readonly onDemand: number;
  /** Where Spot saves most and least. */
  readonly spot: { readonly from: number; readonly to: number };
  /** The same lines by a function of one vCPU. */
  readonly byFunction: number;
  /** Lines of a child from which it is cheaper than the function, on demand and on Spot; null where it never is. */
  readonly cheaperFrom: { readonly onDemand: number | null; readonly spot: number | null };
}

/** Fargate charges a minute at least; pulling and starting the image take about as long. */
const START_SECONDS = 60;

/** What jobs on AWS Fargate cost, where each child has all of its vCPUs busy. */
export const jobsMonth = (request: JobsRequest): JobsMonth => {
  const { lines, measured, textLength, architecture, vcpus, memory, jobMB } = request;
  const { hour, spotSaves } = PRICES.fargate;
  const childSecond = (vcpus * hour[architecture].vcpu + (memory / 1024) * hour[architecture].gb) / 3_600;
  const children = Math.max(1, Math.ceil(megabytesOf(request) / jobMB));
  const lineSeconds = textSeconds(measured, textLength);
  const childSeconds = children * START_SECONDS + (lines * lineSeconds) / vcpus;
  const onDemand = childSeconds * childSecond;
  const functionLine = lambdaTime(lineSeconds, MB_PER_VCPU, PRICES.lambda.gbSecond[architecture]);
  const from = (part: number): number | null => {
    const saved = functionLine - (part * childSecond * lineSeconds) / vcpus;
    return saved <= 0 ? null : Math.ceil((part * childSecond * START_SECONDS) / saved);
  };
  return {
    children,
    vcpuHours: (childSeconds * vcpus) / 3_600,
    onDemand,
    spot: { from: onDemand * (1 - spotSaves.most), to: onDemand * (1 - spotSaves.least) },
    byFunction: lines * functionLine,
    cheaperFrom: { onDemand: from(1), spot: from(1 - spotSaves.least) },
  };
};

const fromText = (lines: number | null): string =>
  lines === null ? 'never' : `from ${whole(lines)} lines on`;

/** What jobs cost, in words. */
export const jobsSection = (request: JobsRequest): Section => {
  const { lines, vcpus, memory } = request;
  const { children, vcpuHours, onDemand, spot, byFunction, cheaperFrom } = jobsMonth(request);
  const facts = factsSection('jobs', `Jobs on AWS Batch: ${whole(lines)} lines a month`, [
    ['children', `${whole(children)} of ${whole(vcpus)} vCPUs and ${whole(memory)} MB`],
    ['vCPU-hours', `${whole(vcpuHours)}, a minute of each child for its start`],
    ['a month', `Spot ${dollars(spot.from)} to ${dollars(spot.to)}, on demand ${dollars(onDemand)}`],
    ['by the function', `${dollars(byFunction)} of Lambda time`],
    [
      'a child is cheaper',
      `on Spot ${fromText(cheaperFrom.spot)}, on demand ${fromText(cheaperFrom.onDemand)}`,
    ],
  ]);
  return {
    ...facts,
    charts: [monthChart({ 'Spot, at most': spot.to, 'on demand': onDemand, 'by the function': byFunction })],
  };
};
