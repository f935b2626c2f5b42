import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareInvocation } from '../../src/tools/invoke/prepared-invocation.ts';
import { ELF_MACHINES, elfMachine } from '../../src/tools/build/elf.ts';
import { listFiles } from '../../src/tools/build/layer-files.ts';
import { loadService } from '../../src/tools/serverless-yml/service.ts';
import { copyService, type ServiceCopy } from '../support/service-copy.ts';
import { emulatedAccount, emulatedAws } from './emulated-aws.ts';
import { installRuntimeClient, missingBuildTools, serveOnce } from './runtime-client.ts';
import { fetchUploaded, type Uploaded } from './uploaded.ts';

const PROJECT = join(__dirname, '../..');
const EVENT = join(PROJECT, 'events/batch-100.json');
const ARCHITECTURES = { arm64: 'arm64', x64: 'x86_64' } as const;
const host = process.arch as keyof typeof ARCHITECTURES;
const aws = emulatedAws();
const uploaded: Partial<Record<keyof typeof ARCHITECTURES, Uploaded>> = {};
let service: ServiceCopy;

const upload = async (cpu: keyof typeof ARCHITECTURES): Promise<Uploaded> => {
  const stage = `zips-${cpu}`;
  const { status, stdout, stderr } = await service.spawnServerless(
    ['deploy', '--stage', stage, '--param', `architecture=${ARCHITECTURES[cpu]}`],
    emulatedAccount(),
  );
  if (status !== 0) throw new Error(stdout + stderr);
  return (uploaded[cpu] = await fetchUploaded(aws, `labelstream-${stage}`));
};

beforeAll(async () => {
  service = await copyService({ models: ['banking77-tfidf'] });
});

afterAll(async () => {
  for (const { remove } of Object.values(uploaded)) await remove();
  for (const cpu of Object.keys(uploaded))
    await service.spawnServerless(['remove', '--stage', `zips-${cpu}`], emulatedAccount());
  await service.remove();
});

describe('what serverless deploy has uploaded', () => {
  it.each(Object.keys(ARCHITECTURES) as (keyof typeof ARCHITECTURES)[])(
    'for %s has libraries for that CPU only',
    async (cpu) => {
      const { task, opt } = await upload(cpu);
      const files = (
        await Promise.all([task, opt].map(async (root) => [root, await listFiles(root)] as const))
      ).flatMap(([root, names]) => names.map((name) => join(root, name)));
      const machines = await Promise.all(files.map(elfMachine));
      expect(machines.filter((machine) => machine !== undefined)).toEqual([
        ELF_MACHINES[cpu],
        ELF_MACHINES[cpu],
      ]);
    },
  );

  const missing = missingBuildTools();
  if (missing.length > 0)
    process.stderr.write(
      `\nThe uploaded zips were NOT RUN: ${missing.join(', ')} missing, for aws-lambda-ric.\n\n`,
    );

  (missing.length > 0 ? it.skip : it)(
    'answers a batch under AWS’s runtime client as the local run does',
    async () => {
      const { task, opt } = uploaded[host] ?? (await upload(host));
      expect(readdirSync(opt).toSorted()).toEqual(['models', 'nodejs']);
      const program = await installRuntimeClient(join(PROJECT, '.build/deploy/runtime-client'));
      const event = JSON.parse(await readFile(EVENT, 'utf8'));
      const definition = await loadService(service.root, `zips-${host}`);
      const { name, handler, memoryMB, environment } = definition.functions.classifyStream ?? fail();
      const invocation = await prepareInvocation(definition, environment, event);
      try {
        const { outcome, initMs, durationMs, peakMemoryMB } = await serveOnce(
          program,
          {
            ...{ name, handler, memoryMB, taskRoot: task, optDir: opt },
            environment: { ...environment, ...invocation.env, MODELS_DIR: join(opt, 'models') },
          },
          event,
        );
        process.stdout.write(
          `aws-lambda-ric, Node.js ${process.version}, ${host}: cold start ${initMs.toFixed(0)} ms, ` +
            `first batch of 100 ${durationMs.toFixed(0)} ms, at most ${peakMemoryMB} MB of ${memoryMB}\n`,
        );
        expect(outcome).toMatchObject({ payload: { batchItemFailures: [] } });
        expect(peakMemoryMB).toBeLessThanOrEqual(memoryMB);
        const labels: object[] = [];
        for await (const line of invocation.results()) labels.push(line);
        expect(labels).toHaveLength(100);
        expect(sorted(labels)).toEqual(sorted(await localRun()));
      } finally {
        await invocation.stop();
      }
    },
  );
});

/** The labels of the same batch by `serverless invoke local`, with the embedded DynamoDB. */
const localRun = async (): Promise<readonly object[]> => {
  const { status, stdout, stderr } = await service.spawnServerless([
    ...['invoke', 'local', '--function', 'classifyStream', '--path', EVENT],
  ]);
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line));
};

const sorted = (lines: readonly object[]): readonly string[] =>
  lines.map((line) => JSON.stringify(line)).toSorted();

const fail = (): never => {
  throw new Error('serverless.yml has no function classifyStream');
};
