import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../../../pipeline/objects/object-store.ts';
import { folderObjects } from '../../../../stores/objects/folder.ts';
import { s3Objects } from '../../../../stores/objects/s3.ts';
import { LOCAL_CREDENTIALS } from '../../../emulators/aws/aws-clients.ts';
import { INTERNAL_ERROR, type S3Call, type S3Fault, SLOW_DOWN } from '../../../emulators/aws/s3/faults.ts';
import { startS3 } from '../../../emulators/aws/s3/server.ts';
import { below, seededRandom } from '../../../random.ts';
import type { JobProgram } from './attempt.ts';
import type { ProcessScenario } from './scenario.ts';

/** Where the files of a history are, the program that works on them, and its outputs. */
export interface ProcessPlace {
  readonly program: JobProgram;
  readonly store: ObjectStore;
  readonly outputBucket: string;
  /** About how many requests to S3 an attempt makes in peace; none over folders. */
  readonly requests: number;
  /** Receives each request before it is served; there are none of a folder. */
  onRequest(listen: (call: S3Call) => void): void;
  /** Ends the faults of S3. */
  calm(): void;
  stop(): Promise<void>;
}

export interface PlaceOptions extends Pick<ProcessScenario, 'workers' | 'isStormy' | 'seed'> {
  /** The project's folder. */
  readonly root: string;
  /** A folder of this history alone. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export const MODEL = 'banking77-tfidf';

const SHARD_MB = '1';

/** One request of so many fails. */
const ONE_OF = 15;

/** Of a file with so many bytes: to plan it, of each of its shards, and to make the output of these. */
const requestsOf = (bytes: number): number => {
  const shards = Math.ceil(bytes / 2 ** 20);
  return shards === 1 ? 10 : 10 + 10 * shards;
};

export const writeFiles = async (folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> => {
  for (const [key, body] of files) {
    await mkdir(dirname(join(folder, key)), { recursive: true });
    await writeFile(join(folder, key), body);
  }
};

/** The settings of the job, wherever its objects are. */
export const jobEnvironment = (root: string, input: string, output: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  ORT_DISABLE_TELEMETRY: '1',
  MODELS_DIR: join(root, 'models'),
  ...{ MODEL, SHARD_MB, INPUT: input, OUTPUT_BUCKET: output },
});

/** `npm run batch` over folders. */
export const folderPlace = async ({ root, folder, files, workers }: PlaceOptions): Promise<ProcessPlace> => {
  const [input, output] = [join(folder, 'in'), join(folder, 'out')];
  await writeFiles(input, files);
  await mkdir(output);
  const options = ['--model', MODEL, '--shard-mb', SHARD_MB, '--workers', String(workers)];
  return {
    program: {
      file: join(root, 'src', 'tools', 'commands', 'batch.ts'),
      args: ['--input', input, '--output', output, ...options],
      env: process.env,
    },
    store: folderObjects({ [output]: output }),
    outputBucket: output,
    requests: 0,
    onRequest: () => undefined,
    calm: () => undefined,
    stop: async () => undefined,
  };
};

/** The program of the image over the embedded S3 of this process. */
export const s3Place = async ({
  root,
  files,
  workers,
  isStormy,
  seed,
}: PlaceOptions): Promise<ProcessPlace> => {
  const random = seededRandom(seed);
  const faults: readonly (() => S3Fault)[] = [
    () => INTERNAL_ERROR,
    () => SLOW_DOWN,
    () => ({ kind: 'dropped' }),
    () => ({ kind: 'droppedAfter' }),
    () => ({ kind: 'cut', bytes: below(200_000, random) }),
  ];
  let isCalm = true;
  let listener: (call: S3Call) => void = () => undefined;
  const s3 = await startS3({
    nextFault: (call) => {
      listener(call);
      return isCalm || below(ONE_OF, random) > 0 ? undefined : faults[below(faults.length, random)]?.();
    },
  });
  const client = new S3Client({
    ...{ endpoint: s3.endpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS, forcePathStyle: true },
  });
  for (const Bucket of ['texts', 'labels']) await client.send(new CreateBucketCommand({ Bucket }));
  for (const [Key, Body] of files) await client.send(new PutObjectCommand({ Bucket: 'texts', Key, Body }));
  isCalm = !isStormy;
  return {
    program: {
      file: join(root, 'src', 'main.ts'),
      args: ['job', 'classify-objects'],
      env: {
        ...jobEnvironment(root, 's3://texts/', 'labels'),
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
        WORKERS: String(workers),
      },
    },
    store: s3Objects(client),
    outputBucket: 'labels',
    requests: [...files.values()].reduce((sum, { length }) => sum + requestsOf(length), 2),
    onRequest: (listen) => {
      listener = listen;
    },
    calm: () => {
      isCalm = true;
    },
    stop: async () => {
      client.destroy();
      await s3.stop();
    },
  };
};
