import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLambdaFunction, type LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { serveAws, type AwsRequest, AwsRefusal } from './fake-aws-server.ts';
import { FAKE_ACCOUNT, fakeLayers } from './fake-layers.ts';
import { unzip } from './unzip.ts';

/** A function's configuration, as far as models go. */
interface Configuration {
  readonly layers: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly codeSha256: string;
}
interface Version extends Configuration {
  readonly version: string;
  readonly description: string;
}
export interface FakeLambda {
  readonly url: string;
  /** What was changed, such as `UpdateAlias`, in order; of another function with its name behind. */
  readonly changes: string[];
  readonly alias: () => { readonly version: string; readonly weights: Readonly<Record<string, number>> };
  readonly versions: () => readonly string[];
  readonly layers: () => readonly number[];
  readonly latest: () => Configuration;
  /** What CloudFormation does in a deployment: configuration, version, alias. */
  deploy(variables: Readonly<Record<string, string>>, codeSha256: string): void;
  /** What `serverless deploy function` does: other code, and no version of it. */
  replaceCode(codeSha256: string): void;
  /** Another function of the account, which has to be deployed before it is there. */
  readonly other: (
    functionName: string,
  ) => Pick<FakeLambda, 'alias' | 'versions' | 'latest' | 'deploy' | 'replaceCode'>;
  readonly newestLayer: () => { readonly description: string; readonly zip: Buffer };
  /** A layer version, by whomever. */
  addLayer(description: string, zip: Buffer): string;
  /** Refuses calls of an operation (`UpdateAlias`, or of one function `UpdateAlias NAME`), until it is allowed again. */
  refuse(operation: string, error: string, message: string): void;
  allow(operation: string): void;
  close(): Promise<void>;
}

export interface FakeLambdaOptions {
  readonly functionName: string;
  readonly layerName: string;
  /** What `/var/task` is, and `nodejs` of `/opt`. */
  readonly taskRoot: string;
  readonly handler: string;
  readonly runtime: string;
}

const notFound = (what: string): AwsRefusal => new AwsRefusal(404, 'ResourceNotFoundException', what);

/** A function of the account: its configuration, versions and alias. */
const fakeFunction = (
  functionName: string,
  layers: ReturnType<typeof fakeLayers>,
  { taskRoot, handler, runtime }: Pick<FakeLambdaOptions, 'taskRoot' | 'handler' | 'runtime'>,
) => {
  const running = new Map<string, { lambda: LambdaFunction; opt: string }>();
  let latest: Configuration = { layers: [], variables: {}, codeSha256: '' };
  let versions: readonly Version[] = [];
  let published = 0;
  let alias: { version: string; weights: Record<string, number> } | undefined;
  /** Lambda takes its time: the first look after a change sees it in progress. */
  let isChanging = false;

  const versionOf = (name: string): Version => {
    const found = versions.find(({ version }) => version === name);
    if (found === undefined) throw notFound(`Function not found: ${functionName}:${name}`);
    return found;
  };
  const described = (configuration: Configuration, version: string, description = '') => ({
    FunctionName: functionName,
    FunctionArn: `${FAKE_ACCOUNT}:function:${functionName}`,
    Version: version,
    Description: description,
    CodeSha256: configuration.codeSha256,
    Layers: configuration.layers.map((Arn) => ({ Arn })),
    Environment: { Variables: configuration.variables },
    Architectures: ['arm64'],
    State: 'Active',
    LastUpdateStatus: isChanging ? 'InProgress' : 'Successful',
  });
  const publish = (description: string): Version => {
    const last = versions.at(-1);
    const content = ({ layers: arns, variables, codeSha256 }: Configuration): string =>
      JSON.stringify([arns, Object.entries(variables).toSorted(), codeSha256]);
    // "Lambda doesn't publish a version if the function's configuration and code haven't changed."
    if (last !== undefined && content(last) === content(latest)) return last;
    published += 1;
    const version = { ...latest, version: String(published), description };
    versions = [...versions, version];
    return version;
  };
  const environmentOf = (version: Version): LambdaFunction => {
    const known = running.get(version.version);
    if (known !== undefined) return known.lambda;
    const opt = mkdtempSync(join(tmpdir(), 'labelstream-opt-'));
    symlinkSync(join(runtime, 'nodejs'), join(opt, 'nodejs'), 'junction');
    const zip = layers.zipOf(version.layers);
    if (zip !== undefined) unzip(zip, opt);
    const lambda = createLambdaFunction({
      name: functionName,
      taskRoot,
      handler,
      optDir: opt,
      memoryMB: 1_769,
      timeoutMs: 60_000,
      maxEnvironments: 1,
      environment: { ...version.variables, MODELS_DIR: join(opt, 'models') },
    });
    running.set(version.version, { lambda, opt });
    return lambda;
  };

  type Operation = (request: AwsRequest) => unknown;
  const operations: Readonly<Record<string, Operation>> = {
    GetFunctionConfiguration: ({ query }) => {
      const qualifier = query.get('Qualifier') ?? '$LATEST';
      const answer =
        qualifier === '$LATEST'
          ? described(latest, qualifier)
          : described(versionOf(qualifier), qualifier, versionOf(qualifier).description);
      isChanging = false;
      return answer;
    },
    UpdateFunctionConfiguration: ({ body }) => {
      const { Layers, Environment } = body as {
        Layers: string[];
        Environment: { Variables: Record<string, string> };
      };
      layers.check(Layers);
      latest = { ...latest, layers: Layers, variables: Environment.Variables };
      isChanging = true;
      return described(latest, '$LATEST');
    },
    PublishVersion: ({ body }) => {
      const { Description = '' } = body as { Description?: string };
      const version = publish(Description);
      return described(version, version.version, version.description);
    },
    ListVersionsByFunction: () => ({
      Versions: [
        described(latest, '$LATEST'),
        ...versions.map((one) => described(one, one.version, one.description)),
      ],
    }),
    DeleteFunction: ({ query }) => {
      const version = query.get('Qualifier') ?? '';
      versionOf(version);
      if (alias?.version === version || version in (alias?.weights ?? {})) {
        throw new AwsRefusal(409, 'ResourceConflictException', `${version} has an alias`);
      }
      versions = versions.filter((one) => one.version !== version);
      return undefined;
    },
    GetAlias: () => {
      if (alias === undefined) throw notFound('Cannot find alias arn');
      const RoutingConfig = { AdditionalVersionWeights: alias.weights };
      return { Name: 'live', FunctionVersion: alias.version, RoutingConfig };
    },
    UpdateAlias: ({ body }) => {
      const { FunctionVersion, RoutingConfig } = body as {
        FunctionVersion: string;
        RoutingConfig: { AdditionalVersionWeights: Record<string, number> };
      };
      const weights = RoutingConfig.AdditionalVersionWeights;
      for (const version of [FunctionVersion, ...Object.keys(weights)]) versionOf(version);
      alias = { version: FunctionVersion, weights };
      return {};
    },
    Invoke: async ({ query, body }) => {
      const version = versionOf(query.get('Qualifier') ?? '');
      const { payload, functionError } = await environmentOf(version).invoke(body);
      if (functionError === undefined) return payload;
      return { headers: { 'x-amz-function-error': 'Unhandled' }, answer: functionError };
    },
  };

  return {
    operations,
    alias: () => alias ?? { version: '', weights: {} },
    versions: () => versions.map(({ version }) => version),
    latest: () => latest,
    deploy: (variables: Readonly<Record<string, string>>, codeSha256: string) => {
      latest = { layers: [`${FAKE_ACCOUNT}:layer:runtime:1`, layers.newest()], variables, codeSha256 };
      alias = { version: publish('Labels the changes').version, weights: {} };
    },
    replaceCode: (codeSha256: string) => {
      latest = { ...latest, codeSha256 };
    },
    close: async () => {
      for (const { lambda, opt } of running.values()) {
        await lambda.close();
        rmSync(opt, { recursive: true, force: true });
      }
    },
  };
};

/**
 * Lambda's calls for versions, aliases and layers, by HTTP, as AWS describes them. What is invoked runs for real, in the
 * project's own execution environment, with the files of the layer that was uploaded.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export const startFakeLambda = async (options: FakeLambdaOptions): Promise<FakeLambda> => {
  const { functionName, layerName } = options;
  const changes: string[] = [];
  const layers = fakeLayers(layerName);
  const refusals = new Map<string, AwsRefusal>();
  const functions = new Map<string, ReturnType<typeof fakeFunction>>();
  const theFunction = (name: string) => {
    const found = functions.get(name) ?? fakeFunction(name, layers, options);
    functions.set(name, found);
    return found;
  };
  const main = theFunction(functionName);
  const READS = /^(Get|List|Invoke|Fetch)/;

  const server = await serveAws(async (operation, request) => {
    const isOfFunction = request.path[1] === 'functions';
    const name = isOfFunction ? (request.path[2] ?? '') : '';
    const refusal = refusals.get(operation) ?? refusals.get(`${operation} ${name}`);
    if (refusal !== undefined) throw refusal;
    if (!isOfFunction) {
      if (!READS.test(operation)) changes.push(operation);
      return layers.operations[operation]?.(request);
    }
    const known = functions.get(name);
    if (known === undefined || known.versions().length === 0) throw notFound(`Function not found: ${name}`);
    if (!READS.test(operation)) changes.push(name === functionName ? operation : `${operation} ${name}`);
    return known.operations[operation]?.(request);
  });

  return {
    ...{ url: server.url, changes, alias: main.alias, versions: main.versions, latest: main.latest },
    ...{ deploy: main.deploy, replaceCode: main.replaceCode },
    other: theFunction,
    layers: layers.versions,
    newestLayer: () => layers.newestLayer() ?? { description: '', zip: Buffer.alloc(0) },
    addLayer: (description, zip) => layers.add(description, zip).arn,
    allow: (operation) => void refusals.delete(operation),
    refuse: (operation, error, message) => refusals.set(operation, new AwsRefusal(400, error, message)),
    close: async () => {
      await server.close();
      for (const one of functions.values()) await one.close();
    },
  };
};
