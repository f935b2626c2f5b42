import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { errorName, must } from '../../errors.ts';
import type { Forwarder } from '../../pipeline/destinations.ts';
import type { SendOptions } from '../send-entries.ts';
import { batchForwarder, eventText, type OpenForwarder } from './batch-forwarder.ts';
import type { ForwardTarget } from './target.ts';

/** The most bytes of an asynchronous invocation's event. */
const MAX_BYTES = 1_000_000;

const REFUSALS = ['InvalidRequestContentException', 'RequestTooLargeException'];

/**
 * Events that a Lambda function is invoked with, asynchronously, each on its own. Lambda keeps no order.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export const lambdaForwarder = (
  client: LambdaClient,
  { arn, name }: ForwardTarget,
  rounds: SendOptions = {},
): Forwarder =>
  batchForwarder<Buffer>(
    {
      ...{ call: 'Invoke', to: `function ${name}`, maxEntries: 1 },
      ...{ maxBytes: MAX_BYTES, maxEntryBytes: MAX_BYTES },
      toEntry: (event) => Buffer.from(eventText(event)),
      bytesOf: ({ length }) => length,
      send: async ([event], { signal }) => {
        const Payload = must(event, 'event of a call');
        const command = new InvokeCommand({ FunctionName: arn, InvocationType: 'Event', Payload });
        const { StatusCode } = await client.send(command, signal && { abortSignal: signal });
        return [StatusCode === 202 ? undefined : `status ${StatusCode}`];
      },
      isRefusal: (error) => REFUSALS.includes(errorName(error)),
    },
    { concurrency: 16, ...rounds },
  );

export const openLambda: OpenForwarder = (target, config) =>
  lambdaForwarder(new LambdaClient({ ...config, region: target.region }), target);
