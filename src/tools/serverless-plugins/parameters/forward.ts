import {
  FORWARD_ARNS,
  type ForwardKind,
  type ForwardTarget,
  parseForwardTarget,
} from '../../../streams/forward/target.ts';

/** What follows from the parameter `forwardTo`. */
export interface ChosenForward {
  readonly kind: ForwardKind | 'none';
  /** The file of `src/infrastructure/forward` with what it adds to the rest, or none. */
  readonly part: 'destination' | 'none';
  /** The IAM action that forwards. */
  readonly action: string;
}

const ACTIONS: Readonly<Record<ForwardKind, string>> = {
  eventbridge: 'events:PutEvents',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  kinesis: 'kinesis:PutRecords',
  firehose: 'firehose:PutRecordBatch',
  lambda: 'lambda:InvokeFunction',
};

/** The values for a parameter in which `forwardFaults` finds no fault. */
export const chooseForward = (forwardTo: string): ChosenForward => {
  const target = parseForwardTarget(forwardTo);
  if (target === undefined) return { kind: 'none', part: 'none', action: '' };
  return {
    kind: target.kind,
    part: 'destination',
    action: ACTIONS[target.kind],
  };
};

/** What is wrong with the parameter `forwardTo`, and what to do. */
export const forwardFaults = ({
  forwardTo,
  existingStream,
}: {
  readonly forwardTo: string;
  readonly existingStream: string;
}): readonly string[] => {
  if (forwardTo === '') return [];
  const target = parseForwardTarget(forwardTo);
  if (target === undefined) return [`Parameter forwardTo is "${forwardTo}": give ${FORWARD_ARNS}.`];
  if (forwardTo === existingStream || isOwn(target))
    return [
      `Parameter forwardTo is "${forwardTo}", which this service reads or fills itself: labels would come back to it. Give another.`,
    ];
  return [];
};

/** Streams, queues and functions of a stage of this service, by their names. */
const isOwn = ({ kind, name }: ForwardTarget): boolean =>
  (kind === 'kinesis' && /^labelstream-[\w-]+-changes$/.test(name)) ||
  (kind === 'sqs' && /^labelstream-[\w-]+-(failed-batches|failed-objects|objects)$/.test(name)) ||
  (kind === 'lambda' &&
    /^labelstream-[\w-]+-(classify-objects|classify-stream|fan-out|plan-objects|predict)$/.test(name));
