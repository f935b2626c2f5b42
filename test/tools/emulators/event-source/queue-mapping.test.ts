import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { must } from '../../../../src/errors.ts';
import { LOCAL_CREDENTIALS } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { type EmbeddedSqs, type SqsFault, startSqs } from '../../../../src/tools/emulators/aws/sqs/server.ts';
import type { InvokeOutcome } from '../../../../src/tools/emulators/event-source/batch-response.ts';
import { failedMessages } from '../../../../src/tools/emulators/event-source/queue/failures.ts';
import {
  type QueueMapping,
  type QueueMappingOptions,
  startQueueMapping,
} from '../../../../src/tools/emulators/event-source/queue/mapping.ts';

let server: EmbeddedSqs;
let sqs: SQSClient;
let queues = 0;
let fault: SqsFault | undefined;
const open: QueueMapping[] = [];

beforeAll(async () => {
  server = await startSqs({
    secondMs: 10,
    nextFault: () => {
      const now = fault;
      fault = undefined;
      return now;
    },
  });
  sqs = new SQSClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((mapping) => mapping.stop()));
});
afterAll(async () => {
  sqs.destroy();
  await server.stop();
});

const queue = async (Attributes: Record<string, string> = {}) => {
  queues += 1;
  const created = await sqs.send(new CreateQueueCommand({ QueueName: `q${queues}`, Attributes }));
  const queueUrl = must(created.QueueUrl, 'QueueUrl');
  const found = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { queueUrl, queueArn: must(found.Attributes?.QueueArn, 'QueueArn') };
};

const send = async (QueueUrl: string, bodies: readonly string[]): Promise<void> => {
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies
      .slice(from, from + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
};

const bodies = (count: number) => Array.from({ length: count }, (_, index) => `body-${index}`);

const map = (options: Omit<QueueMappingOptions, 'sqs'>): QueueMapping => {
  const mapping = startQueueMapping({ sqs, ...options });
  open.push(mapping);
  return mapping;
};

const answer = (payload: unknown): InvokeOutcome => ({ requestId: 'request', payload });
const failure = (event: SQSEvent, isFailed: (body: string) => boolean): InvokeOutcome =>
  answer({
    batchItemFailures: event.Records.filter(({ body }) => isFailed(body)).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  });
const ERROR: InvokeOutcome = {
  ...{ requestId: 'request', payload: undefined },
  functionError: { errorType: 'Error', errorMessage: 'no' },
};

describe('an event source mapping of a queue', () => {
  it('delivers every message once where the function does well', async () => {
    const source = await queue();
    await send(source.queueUrl, bodies(35));
    const seen: string[] = [];
    const mapping = map({
      ...source,
      settings: { batchSize: 10 },
      invoke: async (event) => {
        expect(event.Records.length).toBeLessThanOrEqual(10);
        expect(event.Records[0]).toMatchObject({
          eventSource: 'aws:sqs',
          eventSourceARN: source.queueArn,
          awsRegion: 'us-east-1',
          messageAttributes: {},
          attributes: { ApproximateReceiveCount: '1' },
        });
        seen.push(...event.Records.map(({ body }) => body));
        return answer(null);
      },
    });
    await mapping.drained();
    expect(seen.toSorted()).toEqual(bodies(35).toSorted());
    expect(mapping.stats()).toMatchObject({ messagesSent: 35, messagesDone: 35 });
  });

  it('delivers those again that the function names, and no others', async () => {
    const source = await queue({ VisibilityTimeout: '43200' });
    await send(source.queueUrl, bodies(10));
    const tries = new Map<string, number>();
    const mapping = map({
      ...source,
      settings: { reportBatchItemFailures: true },
      pace: { retrySeconds: 0 },
      invoke: async (event) => {
        for (const { body } of event.Records) tries.set(body, (tries.get(body) ?? 0) + 1);
        return failure(event, (body) => body === 'body-3' && tries.get(body) === 1);
      },
    });
    await mapping.drained();
    expect(Object.fromEntries(tries)).toEqual(
      Object.fromEntries(bodies(10).map((body) => [body, body === 'body-3' ? 2 : 1])),
    );
  });

  it('delivers all again after an error, and sooner than their timeout where that is asked for', async () => {
    const source = await queue({ VisibilityTimeout: '43200' });
    await send(source.queueUrl, bodies(3));
    let invocations = 0;
    const mapping = map({
      ...source,
      settings: { maximumConcurrency: 1 },
      pace: { retrySeconds: 0 },
      invoke: async () => {
        invocations += 1;
        return invocations === 1 ? ERROR : answer(undefined);
      },
    });
    await mapping.drained();
    expect(mapping.stats()).toMatchObject({ messagesSent: 6, messagesDone: 3 });
  });

  it('leaves what fails again and again to the dead-letter queue', async () => {
    const deadLetters = await queue();
    const source = await queue({
      VisibilityTimeout: '1',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: 3 }),
    });
    await send(source.queueUrl, ['good', 'poison']);
    let poisonings = 0;
    const mapping = map({
      ...source,
      settings: { reportBatchItemFailures: true, batchSize: 1 },
      invoke: async (event) => {
        if (event.Records[0]?.body === 'poison') poisonings += 1;
        return failure(event, (body) => body === 'poison');
      },
    });
    await mapping.drained();
    expect(poisonings).toBe(3);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters.queueUrl }));
    expect(Messages?.map(({ Body }) => Body)).toEqual(['poison']);
  });

  it('invokes no more at a time than the maximum concurrency', async () => {
    const source = await queue();
    await send(source.queueUrl, bodies(12));
    let running = 0;
    let most = 0;
    const mapping = map({
      ...source,
      settings: { batchSize: 1, maximumConcurrency: 3 },
      invoke: async () => {
        running += 1;
        most = Math.max(most, running);
        // Until the others have begun, or there are none.
        for (let turn = 0; turn < 50 && running < 3; turn += 1) await new Promise(setImmediate);
        running -= 1;
        return answer(undefined);
      },
    });
    await mapping.drained();
    expect(most).toBeLessThanOrEqual(3);
    expect(mapping.stats().invocations).toBe(12);
  });

  it('gathers more than ten where it may wait for them', async () => {
    const source = await queue();
    await send(source.queueUrl, bodies(25));
    const sizes: number[] = [];
    const mapping = map({
      ...source,
      settings: { batchSize: 25, windowSeconds: 300 },
      invoke: async ({ Records }) => {
        sizes.push(Records.length);
        return answer(undefined);
      },
    });
    await mapping.drained();
    expect(sizes).toEqual([25]);
  });

  it('waits where Lambda refuses an invocation, and ends where it fails', async () => {
    const source = await queue();
    await send(source.queueUrl, ['a']);
    let invocations = 0;
    const mapping = map({
      ...source,
      pace: { refusedMs: 1 },
      invoke: async () => {
        invocations += 1;
        if (invocations < 3) throw Object.assign(new Error('busy'), { name: 'TooManyRequestsException' });
        return answer(undefined);
      },
    });
    await mapping.drained();
    expect(invocations).toBe(3);
    await send(source.queueUrl, ['b']);
    await mapping.stop();
    const broken = map({
      ...source,
      invoke: async () => {
        throw new Error('no such function');
      },
    });
    await expect(broken.drained()).rejects.toThrow('no such function');
  });

  it.each([500, 503, 'dropped', 'droppedAfter'] as const)('survives %s of the queue', async (kind) => {
    const source = await queue({ VisibilityTimeout: '20' });
    await send(source.queueUrl, ['a']);
    const seen = new Set<string>();
    const mapping = map({
      ...source,
      pace: { waitSeconds: 1 },
      invoke: async ({ Records }) => {
        for (const { body } of Records) seen.add(body);
        fault = kind;
        return answer(undefined);
      },
    });
    await mapping.drained();
    expect([...seen]).toEqual(['a']);
  });

  it('refuses settings that AWS would refuse', async () => {
    const source = await queue();
    const start = (settings: QueueMappingOptions['settings'] & object) => () =>
      startQueueMapping({ sqs, ...source, settings, invoke: async () => answer(undefined) });
    expect(start({ batchSize: 0 })).toThrow(/batchSize is 0/);
    expect(start({ batchSize: 11 })).toThrow(/batching window/);
    expect(start({ maximumConcurrency: 1_001 })).toThrow(/maximumConcurrency is 1001/);
  });
});

describe('the failed messages of a batch', () => {
  const failed = (payload: unknown) => [...failedMessages(answer(payload), ['a', 'b'], true)];

  it.each([
    [undefined, []],
    [null, []],
    [{}, []],
    [{ batchItemFailures: null }, []],
    [{ batchItemFailures: [] }, []],
    [{ batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, ['a', 'b']],
    [{ batchItemFailures: [{ wrong: 'a' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ itemIdentifier: 'c' }] }, ['a', 'b']],
    [{ batchItemFailures: 'a' }, ['a', 'b']],
  ])('of the answer %j are %j', (payload, expected) => {
    expect(failed(payload)).toEqual(expected);
  });

  it('are all after an error, and none where failures are not reported', () => {
    const named = answer({ batchItemFailures: [{ itemIdentifier: 'a' }] });
    expect([...failedMessages(ERROR, ['a', 'b'], true)]).toEqual(['a', 'b']);
    expect([...failedMessages(named, ['a', 'b'], false)]).toEqual([]);
  });
});
