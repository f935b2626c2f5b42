import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withScratch } from '../scratch-folder.ts';
import { UserError } from '../user-error.ts';
import { serverlessTexts } from './serverless-file.ts';

type Json = Readonly<Record<string, unknown>>;

/** The parts of the service in `serverless.yml` that the tools use. */
export interface Service {
  /** The properties of each `AWS::DynamoDB::Table`, by logical name. */
  readonly tables: Readonly<Record<string, Json>>;
  /** Name and shards of each `AWS::Kinesis::Stream`, by logical name. */
  readonly streams: Readonly<Record<string, { readonly name: string; readonly shards: number }>>;
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

export interface ServiceFunction {
  readonly name: string;
  /** `src/functions/classify-stream.handler` */
  readonly handler: string;
  readonly memoryMB: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** The properties of its stream event, as in `serverless.yml`. */
  readonly mapping: Json;
}

/** Parameters of `serverless.yml`, by name, that override those in it. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * Reads `serverless.yml` with every variable resolved, by the Serverless Framework itself. That takes seconds, so the
 * result is cached in `.build` until the file, its parts, the code behind `${stageParameters:…}` or the parameters
 * change.
 *
 * @param root the folder of `serverless.yml`
 * @throws UserError with the framework's message where the file or a parameter is faulty
 */
export const loadService = async (
  root: string,
  stage = 'local',
  parameters: Parameters = {},
): Promise<Service> => {
  const given = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sources = [...(await serverlessTexts(root)), ...(await chooserTexts(root))].toSorted();
  const digest = hash('sha256', JSON.stringify([sources, given])).slice(0, 16);
  const cached = join(root, '.build', `service-${stage}-${digest}.json`);
  try {
    return toService(JSON.parse(await readFile(cached, 'utf8')));
  } catch {
    const printed = await printService(root, stage, given);
    // Other processes may read it at the same time: they must never see half a file.
    await withScratch(join(root, '.build'), async (scratch) => {
      await writeFile(join(scratch, 'service.json'), printed);
      await rename(join(scratch, 'service.json'), cached);
    });
    return toService(JSON.parse(printed));
  }
};

/** The code that resolves `${stageParameters:…}`, by path. */
const chooserTexts = async (root: string): Promise<readonly (readonly [string, string])[]> => {
  const folder = 'src/tools/serverless-plugins/parameters';
  const names = await readdir(join(root, folder));
  return Promise.all(
    names.map(async (name) => [name, await readFile(join(root, folder, name), 'utf8')] as const),
  );
};

const printService = async (
  root: string,
  stage: string,
  parameters: readonly (readonly [string, string])[],
): Promise<string> => {
  const cli = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const given = parameters.flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, 'print', '--format', 'json', '--stage', stage, ...given],
    {
      cwd: root,
      maxBuffer: 16 * 1024 * 1024,
    },
  ).catch((cause: FailedCommand) => {
    throw new UserError(frameworkError(cause), { cause });
  });
  return stdout.slice(stdout.indexOf('{'));
};

interface FailedCommand extends Error {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The framework's error message, on either output stream, without its name and version. */
const frameworkError = ({ stdout = '', stderr = '', message }: FailedCommand): string => {
  const [, reported] = /^Error:\n([^]+?)\n\n/m.exec(`${stdout}\n\n${stderr}\n\n`) ?? [];
  if (reported?.startsWith('Parameter ')) return reported;
  return `serverless.yml cannot be read:\n${reported ?? (stderr || message)}`;
};

/** @param resolved the service with its variables resolved: `serverless print`, or the framework's own object */
export const toService = (resolved: ResolvedService): Service => {
  const { Resources = {} } = resolved.resources;
  const ofType = (type: string): [string, Json][] =>
    Object.entries(Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([name, { Properties }]) => [name, Properties]);
  return {
    tables: Object.fromEntries(ofType('AWS::DynamoDB::Table')),
    streams: Object.fromEntries(
      ofType('AWS::Kinesis::Stream').map(([name, { Name, ShardCount }]) => [
        name,
        { name: String(Name), shards: Number(ShardCount ?? 1) },
      ]),
    ),
    functions: Object.fromEntries(
      Object.entries(resolved.functions).map(
        ([key, { name, handler, environment = {}, events = [], ...own }]) => [
          key,
          {
            name,
            handler,
            memoryMB: Number(own.memorySize ?? resolved.provider.memorySize),
            timeoutSeconds: Number(own.timeout ?? resolved.provider.timeout),
            environment: Object.fromEntries(
              Object.entries(environment).map(([name, value]) => [name, String(value)]),
            ),
            mapping: events.find(({ stream }) => stream !== undefined)?.stream ?? {},
          },
        ],
      ),
    ),
  };
};

export interface ResolvedService {
  readonly provider: { readonly memorySize?: unknown; readonly timeout?: unknown };
  readonly functions: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly handler: string;
        readonly memorySize?: unknown;
        readonly timeout?: unknown;
        readonly environment?: Json;
        readonly events?: readonly { readonly stream?: Json }[];
      }
    >
  >;
  readonly resources: {
    readonly Resources?: Readonly<Record<string, { readonly Type: string; readonly Properties: Json }>>;
  };
}
