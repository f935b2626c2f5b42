import type { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { must } from '../../../errors.ts';
import type { Forwarding } from '../../../pipeline/forward/forward-labels.ts';
import type { LabelEvent } from '../../../pipeline/destinations.ts';
import { patientForwarder } from '../../../stores/patient.ts';
import { kinesisForwarder } from '../../../streams/forward/kinesis.ts';
import { parseForwardTarget } from '../../../streams/forward/target.ts';
import type { NextFault } from '../faults.ts';
import { faultySend } from './faulty-send.ts';
import type { Send } from './memory-dynamodb.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/labels';

/** A stream in memory that labels are forwarded to, with faults. */
export const toyBus = (nextFault: NextFault) => {
  const events: LabelEvent[] = [];
  const late = new Set<Promise<unknown>>();
  const take: Send = async (command) => {
    const { Records = [] } = (command as PutRecordsCommand).input;
    for (const { Data } of Records) events.push(JSON.parse(Buffer.from(must(Data, 'data')).toString()));
    return { FailedRecordCount: 0, Records: Records.map(() => ({ SequenceNumber: '1' })) };
  };
  return {
    send: faultySend(take, nextFault, (done) => late.add(done)),
    events: async (): Promise<readonly LabelEvent[]> => {
      await Promise.all(late);
      return events;
    },
  };
};

/** Faults are over after some calls, not after some time. */
const PATIENCE = { pauseMs: 1, maxPauseMs: 1 };

/** Forwarding as the function does it, with a client that sends like this. */
export const toyForwarding = (send: Send): Forwarding => ({
  to: patientForwarder(
    kinesisForwarder({ send } as unknown as KinesisClient, must(parseForwardTarget(ARN), 'target'), {
      pauseMs: 1,
    }),
    PATIENCE,
  ),
  source: '/labelstream/toy',
});
