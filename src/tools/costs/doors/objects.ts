import { monthChart } from '../endpoint.ts';
import { factsSection, type Section } from '../../report/section.ts';
import { MEASURED, type MeasuredModel } from '../measured.ts';
import { PRICES } from '../prices.ts';
import { type Architecture, lambdaTime, MONTH_SECONDS, textSeconds } from './lambda-time.ts';
import { dollars, whole } from './words.ts';

/** Bytes of a line besides its text, as JSON with an id. */
const LINE_BYTES = 40;

/** Lines of files, a month. */
export interface Lines {
  readonly objects: number;
  /** In all of them. */
  readonly lines: number;
  readonly measured: MeasuredModel;
  /** Characters of a text, taken for bytes. */
  readonly textLength: number;
}

export interface ObjectsRequest extends Lines {
  /** MB of the function. */
  readonly memory: number;
  readonly architecture: Architecture;
  /** MB of a shard. */
  readonly shardMB: number;
}

/** US dollars a month. */
export interface ObjectsMonth {
  readonly lambdaTime: number;
  readonly lambdaRequests: number;
  readonly s3: number;
  readonly events: number;
  /** Messages, and asking a queue that has none. */
  readonly sqs: number;
  readonly total: number;
}

export const megabytesOf = ({ lines, textLength }: Pick<Lines, 'lines' | 'textLength'>): number =>
  (lines * (textLength + LINE_BYTES)) / 1e6;

/** Sent, received, deleted. */
const CALLS_PER_MESSAGE = 3;

/**
 * Lambda asks an idle queue with five requests of 20 seconds at a time.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const IDLE_CALLS = (5 * MONTH_SECONDS) / 20;

/** Messages about an object: its event, and one for each shard where it has several. */
export const shardsOf = (request: Pick<ObjectsRequest, 'objects' | 'lines' | 'textLength' | 'shardMB'>) => {
  const shards = Math.max(1, Math.ceil(megabytesOf(request) / request.objects / request.shardMB));
  return { shards, messages: shards === 1 ? 1 : shards + 1 };
};

/** What files of equal size cost that the function classifies. */
export const objectsMonth = (request: ObjectsRequest): ObjectsMonth => {
  const { objects, lines, measured, textLength, memory, architecture } = request;
  const { lambda, s3, sqs, eventBridge } = PRICES;
  const { shards, messages } = shardsOf(request);
  const { writes, reads } = MEASURED.shard[shards === 1 ? 'only' : 'each'];
  const invocations = objects * messages;
  const seconds = lines * textSeconds(measured, textLength) + (invocations * MEASURED.invocationMs) / 1000;
  const month = {
    lambdaTime: lambdaTime(seconds, memory, lambda.gbSecond[architecture]),
    lambdaRequests: invocations * lambda.request,
    s3: objects * shards * (writes * s3.write + reads * s3.read),
    events: objects * eventBridge.event,
    sqs: (invocations * CALLS_PER_MESSAGE + IDLE_CALLS) * sqs.request,
  };
  return { ...month, total: Object.values(month).reduce((sum, part) => sum + part, 0) };
};

/** What files cost, in words. */
export const objectsSection = (request: ObjectsRequest): Section => {
  const { objects, lines } = request;
  const month = objectsMonth(request);
  const { shards } = shardsOf(request);
  const facts = factsSection(
    'objects',
    `Files in S3: ${whole(lines)} lines a month in ${whole(objects)} objects`,
    [
      ['read', `${whole(megabytesOf(request))} MB`],
      ['shards of an object', whole(shards)],
      ['a month', dollars(month.total)],
      [
        'of it',
        [
          `Lambda time ${dollars(month.lambdaTime)}, requests ${dollars(month.lambdaRequests)}`,
          `requests to S3 ${dollars(month.s3)}, without storage`,
          `events ${dollars(month.events)}`,
          `SQS ${dollars(month.sqs)}, with asking an idle queue`,
        ].join('\n'),
      ],
      ['a million lines', dollars(((month.total - IDLE_CALLS * PRICES.sqs.request) / lines) * 1e6)],
    ],
  );
  return { ...facts, charts: [monthChart({ 'the S3 door': month.total })] };
};
