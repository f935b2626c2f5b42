import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import type { ObjectStore } from '../../../pipeline/objects/object-store.ts';
import { memoryObjects } from '../../../stores/objects/memory.ts';
import { s3Objects } from '../../../stores/objects/s3.ts';
import { LOCAL_CREDENTIALS } from '../../emulators/aws/aws-clients.ts';
import { INTERNAL_ERROR, type S3Fault, SLOW_DOWN } from '../../emulators/aws/s3/faults.ts';
import { startS3 } from '../../emulators/aws/s3/server.ts';
import { below, seededRandom } from '../../random.ts';
import { OUTPUT, SOURCE } from './quiet-run.ts';
import type { ObjectScenario } from './scenario.ts';

/** Where a history of objects is played. */
export interface ObjectWorld {
  readonly store: ObjectStore;
  /** Ends the faults of the service itself, to look at what is left. */
  readonly calm: () => void;
  stop(): Promise<void>;
}

export type MakeObjectWorld = (scenario: ObjectScenario) => Promise<ObjectWorld>;

/** Parts as small as lines, so that outputs are made of several. */
const SMALL_PARTS = 50;

export const memoryObjectWorld: MakeObjectWorld = async () => ({
  store: memoryObjects([SOURCE, OUTPUT], { leastPartBytes: SMALL_PARTS }),
  calm: () => undefined,
  stop: async () => undefined,
});

/** One request of so many fails. */
const ONE_OF = 8;

/** The embedded S3, which answers 500 and 503 and cuts connections as well, through the SDK and its retries. */
export const emulatedObjectWorld: MakeObjectWorld = async ({ seed }) => {
  const random = seededRandom(seed);
  let isCalm = true;
  const kinds: readonly (() => S3Fault)[] = [
    () => INTERNAL_ERROR,
    () => SLOW_DOWN,
    () => ({ kind: 'dropped' }),
    () => ({ kind: 'droppedAfter' }),
    () => ({ kind: 'cut', bytes: below(60, random) }),
  ];
  const s3 = await startS3({
    nextFault: () =>
      isCalm || below(ONE_OF, random) > 0 ? undefined : kinds[below(kinds.length, random)]?.(),
  });
  const client = new S3Client({
    ...{ endpoint: s3.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS, forcePathStyle: true },
    retryStrategy: new ConfiguredRetryStrategy(4, 1),
  });
  for (const Bucket of [SOURCE, OUTPUT]) await client.send(new CreateBucketCommand({ Bucket }));
  isCalm = false;
  return {
    store: s3Objects(client, { pauseMs: 1 }),
    calm: () => {
      isCalm = true;
    },
    stop: async () => {
      client.destroy();
      await s3.stop();
    },
  };
};
