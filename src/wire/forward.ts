import { ConfigError } from '../errors.ts';
import type { Forwarding } from '../pipeline/forward/forward-labels.ts';
import { patientForwarder } from '../stores/patient.ts';
import type { ClientSettings, OpenForwarder } from '../streams/forward/batch-forwarder.ts';
import type { ForwardKind } from '../streams/forward/target.ts';
import type { Config } from './config.ts';

/**
 * Where labels are forwarded to; undefined where they are not.
 *
 * @param config of the client
 * @throws ConfigError where the bundle lacks the adapter
 */
export const openForwarding = async (
  { FORWARD_TO: target, FORWARD_SOURCE: source }: Pick<Config, 'FORWARD_TO' | 'FORWARD_SOURCE'>,
  config: ClientSettings,
): Promise<Forwarding | undefined> => {
  if (target === undefined) return undefined;
  const open = await adapterOf(target.kind);
  if (open !== undefined) return { to: patientForwarder(open(target, config)), source };
  throw new ConfigError(
    `invalid environment variables:\n  FORWARD_TO: the function was packaged for another destination; deploy with the parameter forwardTo=${target.arn}`,
  );
};

/**
 * The adapter of a kind of destination. Each brings a client of the SDK, so a bundle contains no more than one: the
 * build replaces `process.env.BUNDLED_FORWARDER` by the kind (src/infrastructure/build.yml), and leaves out what cannot
 * be reached. It has to be written out for that. Where nothing is bundled, all are there.
 */
const adapterOf = async (kind: ForwardKind): Promise<OpenForwarder | undefined> => {
  if ((process.env.BUNDLED_FORWARDER ?? 'eventbridge') === 'eventbridge' && kind === 'eventbridge')
    return (await import('../streams/forward/eventbridge.ts')).openEventBridge;
  if ((process.env.BUNDLED_FORWARDER ?? 'sqs') === 'sqs' && kind === 'sqs')
    return (await import('../streams/forward/sqs.ts')).openSqs;
  if ((process.env.BUNDLED_FORWARDER ?? 'sns') === 'sns' && kind === 'sns')
    return (await import('../streams/forward/sns.ts')).openSns;
  if ((process.env.BUNDLED_FORWARDER ?? 'kinesis') === 'kinesis' && kind === 'kinesis')
    return (await import('../streams/forward/kinesis.ts')).openKinesis;
  if ((process.env.BUNDLED_FORWARDER ?? 'firehose') === 'firehose' && kind === 'firehose')
    return (await import('../streams/forward/firehose.ts')).openFirehose;
  if ((process.env.BUNDLED_FORWARDER ?? 'lambda') === 'lambda' && kind === 'lambda')
    return (await import('../streams/forward/lambda.ts')).openLambda;
  return undefined;
};
