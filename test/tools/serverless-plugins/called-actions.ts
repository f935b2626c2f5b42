import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { FORWARD_KINDS, type ForwardKind, parseForwardTarget } from '../../../src/streams/forward/target.ts';
import { LABEL_STORES, type LabelStoreName } from '../../../src/stores/label-stores.ts';

const PROJECT = join(__dirname, '../../..');

/** `action on resource`, such as `dynamodb:UpdateItem on DocumentsTable`. */
export type Grant = string;

/** The adapters that call AWS, each with the resource that it is built for, those of one call, or those that it reads and writes. */
const ADAPTERS: Readonly<Record<string, string | readonly string[] | BetweenBuckets>> = {
  'src/stores/partiql.ts': 'DocumentsTable',
  'src/stores/update-item.ts': 'DocumentsTable',
  'src/stores/labels-table.ts': 'LabelsTable',
  'src/stores/rejects-table.ts': 'RejectsTable',
  'src/stores/dynamodb/table-scan.ts': 'DocumentsTable',
  'src/stores/labelled-rows.ts': 'LabelsTable',
  'src/streams/put-records.ts': 'ChangesStream',
  'src/streams/sqs-messages.ts': 'ObjectsQueue',
  'src/streams/batch-jobs.ts': [
    'job-queue/labelstream-dev-objects',
    'job-definition/labelstream-dev-objects*',
  ],
  'src/stores/objects/s3.ts': { from: '${ObjectsBucket}', to: '${OutputBucket}' },
};

/** Buckets: objects of one are read, those of the other are read and written. */
interface BetweenBuckets {
  readonly from: string;
  readonly to: string;
}

/**
 * What a function's code asks of AWS: the commands that the modules of its bundle construct, each as the IAM action it
 * needs, on the resource of the adapter that it belongs to. Of the label stores, only one is ever built.
 *
 * @param entry the function's file, from the project's folder
 * @throws Error where a module calls AWS and belongs to no known adapter
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export const calledActions = async (
  entry: string,
  labelStore?: LabelStoreName,
  forwardTo = '',
): Promise<readonly Grant[]> => {
  const { inputs } = await modules(entry, parseForwardTarget(forwardTo)?.kind ?? 'none');
  const unused = [
    ...LABEL_STORES.filter((name) => name !== labelStore).map((name) => `src/stores/${name}.ts`),
    ...(labelStore === 'labels-table' ? [] : ['src/stores/labelled-rows.ts']),
    // See calledOnProgress.
    ...(entry === RELABEL ? ['src/wire/s3-objects.ts'] : []),
    ...(isOnlyForModels(inputs, entry) ? [MODELS_STORE] : []),
  ];
  const reached = reach(inputs, entry, new Set(unused));
  const owned = new Set<string>();
  const grants = new Set<Grant>();
  const forwarders = FORWARD_KINDS.map((kind) => `src/streams/forward/${kind}.ts`);
  // Kinesis has one adapter for changes and one for labels, which share code.
  const reachedOtherwise = reach(inputs, entry, new Set([...unused, ...forwarders]));
  const adapters = [
    ...Object.entries(ADAPTERS).filter(([adapter]) => reachedOtherwise.has(adapter)),
    ...forwarders.filter((adapter) => reached.has(adapter)).map((adapter) => [adapter, forwardTo] as const),
  ];
  for (const [adapter, resource] of adapters) {
    for (const file of reach(inputs, adapter)) {
      owned.add(file);
      for (const action of await actionsIn(file))
        for (const one of isBetween(resource) ? resourcesOf(action, resource) : [resource].flat())
          grants.add(`${action} on ${one}`);
    }
  }
  for (const file of reached) {
    if (owned.has(file) || (await actionsIn(file)).length === 0) continue;
    throw new Error(`${file} calls AWS: say in ADAPTERS for which resource.`);
  }
  return [...grants].toSorted();
};

const RELABEL = 'src/jobs/relabel.ts';

/** Builds the object store that models are read from, and objects. */
const MODELS_STORE = 'src/wire/s3-objects.ts';

/** Whether a function has it only where its models are in S3: see calledOnModels. */
const isOnlyForModels = (inputs: Metafile['inputs'], entry: string): boolean =>
  !reach(inputs, entry, new Set(['src/wire/models.ts'])).has(MODELS_STORE);

/**
 * The actions of an object store's methods: HEAD needs that of GET.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const METHODS: Readonly<Record<string, string>> = {
  head: 's3:GetObject on objects',
  read: 's3:GetObject on objects',
  list: 's3:ListBucket on bucket',
  put: 's3:PutObject on objects',
  startUpload: 's3:PutObject on objects',
  delete: 's3:DeleteObject on objects',
};

/** What functions ask of S3 for their models: the methods of the store that the source of models calls. */
export const calledOnModels = async (): Promise<readonly Grant[]> => {
  const { inputs } = await modules('src/models/sources/s3.ts', 'none');
  const sources = Object.keys(inputs).filter((file) => file.startsWith('src/models/sources/'));
  const texts = await Promise.all(sources.map((file) => readFile(join(PROJECT, file), 'utf8')));
  const called = texts.flatMap((text) =>
    [...text.matchAll(/\bstore\.(\w+)\(/g)].map(([, method = '']) => method),
  );
  return [
    ...new Set(called.map((method) => METHODS[method] ?? `nothing that is known on ${method}`)),
  ].toSorted();
};

/** Classifying writes outputs and manifests; reading an export, which shares files with it, does not. */
const OF_CLASSIFYING = ['src/pipeline/objects/manifest.ts', 'src/pipeline/objects/object-output.ts'];

/** What a relabel asks of S3 for its progress and for exports: what is called of the store that both are given. */
export const calledOnProgress = async (objects: string, bucket: string): Promise<readonly Grant[]> => {
  const { inputs } = await modules(RELABEL);
  const entries = ['src/stores/relabel-progress.ts', 'src/stores/table-export/source.ts'];
  const files = entries.flatMap((entry) => [...reach(inputs, entry, new Set(OF_CLASSIFYING))]);
  const texts = await Promise.all(files.map((file) => readFile(join(PROJECT, file), 'utf8')));
  const called = texts.flatMap((text) =>
    [...text.matchAll(/\bstore\.(\w+)\(/g)].map(([, method = '']) => method),
  );
  const commands: Readonly<Record<string, string>> = { head: 'HeadObject', read: 'GetObject' };
  const actions = called.flatMap((method) => {
    const command = commands[method];
    if (command !== undefined) return ACTIONS[`s3:${command}`] ?? [];
    return [(METHODS[method] ?? `nothing that is known on ${method}`).replace(/ on .*/, '')];
  });
  return [
    ...new Set(actions.map((action) => `${action} on ${action === 's3:ListBucket' ? bucket : objects}`)),
  ].toSorted();
};

const bundled = new Map<string, Promise<Metafile>>();

const modules = (entry: string, forward: ForwardKind | 'none' = 'none'): Promise<Metafile> => {
  const known = bundled.get(`${entry} ${forward}`) ?? bundle(entry, forward);
  bundled.set(`${entry} ${forward}`, known);
  return known;
};

const bundle = async (entry: string, forward: ForwardKind | 'none'): Promise<Metafile> => {
  const { metafile } = await build({
    ...{ absWorkingDir: PROJECT, entryPoints: [entry], bundle: true, platform: 'node', packages: 'external' },
    ...{ metafile: true, write: false, logLevel: 'silent' },
    define: { 'process.env.BUNDLED_FORWARDER': JSON.stringify(forward) },
  });
  return metafile;
};

const reach = (
  inputs: Metafile['inputs'],
  from: string,
  except: ReadonlySet<string> = new Set(),
  found = new Set<string>(),
): ReadonlySet<string> => {
  if (found.has(from) || except.has(from)) return found;
  found.add(from);
  for (const { path, external } of inputs[from]?.imports ?? []) {
    if (external !== true) reach(inputs, path, except, found);
  }
  return found;
};

const PARTIQL = {
  UPDATE: 'PartiQLUpdate',
  INSERT: 'PartiQLInsert',
  DELETE: 'PartiQLDelete',
  SELECT: 'PartiQLSelect',
};

const isBetween = (resource: string | readonly string[] | BetweenBuckets): resource is BetweenBuckets =>
  typeof resource === 'object' && 'from' in resource;

/** Listing is of a bucket; reading is of the objects of both, writing of those of one. */
const resourcesOf = (action: string, { from, to }: BetweenBuckets): readonly string[] => {
  if (action === 's3:ListBucket') return [from, to];
  return action.startsWith('s3:Get') ? [`${from}/*`, `${to}/*`] : [`${to}/*`];
};

/**
 * Commands whose names are not those of their actions. Who may not list a bucket is told of an object that does not exist
 * that it must not be read.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  's3:GetObject': ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  's3:CreateMultipartUpload': ['s3:PutObject'],
  's3:UploadPart': ['s3:PutObject'],
  's3:UploadPartCopy': ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  'eventbridge:PutEvents': ['events:PutEvents'],
  'lambda:Invoke': ['lambda:InvokeFunction'],
  'sns:PublishBatch': ['sns:Publish'],
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
};

/** A command needs the action of its name; PartiQL's commands need those of their statements. */
const actionsIn = async (file: string): Promise<readonly string[]> => {
  const source = await readFile(join(PROJECT, file), 'utf8');
  const [, service = ''] = /from '@aws-sdk\/client-(\w+)'/.exec(source) ?? [];
  const commands = [...source.matchAll(/new (\w+)Command\(/g)].map(([, command = '']) => command);
  return commands.flatMap((command) =>
    command.includes('Statement')
      ? [...source.matchAll(/[`'"](UPDATE|INSERT|DELETE|SELECT) /g)].map(
          ([, verb]) => `dynamodb:${PARTIQL[verb as keyof typeof PARTIQL]}`,
        )
      : (ACTIONS[`${service}:${command}`] ?? [`${service}:${command}`]),
  );
};
