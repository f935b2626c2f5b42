import type { Framework, Log } from './framework.ts';
import { join, resolve } from 'node:path';
import type { DynamoDbEvent } from '../../pipeline/records/dynamodb-event.ts';
import type { KinesisEvent } from '../../pipeline/records/kinesis-event.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import type { Invocation } from '../invoke/prepared-invocation.ts';
import { checkUnzippedSize, megabytes } from '../build/layer-size.ts';
import { type Architecture, buildSoundLayers, type Layers } from '../build/layers.ts';
import { leftOut, refuseFaults } from '../build/model-faults.ts';
import { startOfflineCloudFormation } from './offline-cloudformation.ts';
import {
  checkEnvironment,
  checkObjectsEnvironment,
  checkPredictEnvironment,
} from '../build/environment-check.ts';
import { type ResolvedService, toService } from '../serverless-yml/service.ts';
import { type ScratchFolder, scratchFolder } from '../scratch-folder.ts';
import type { Chosen } from './parameters/choose.ts';
import { dropRedundantDependsOn, type TemplateResources } from './redundant-depends-on.ts';
import { unzippedBytes } from '../build/zip-size.ts';

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless extends Framework {
  readonly service: ResolvedService & {
    readonly provider: {
      readonly architecture?: Architecture;
      readonly compiledCloudFormationTemplate: TemplateResources;
    };
    readonly custom: {
      readonly labelstream: Readonly<Record<keyof typeof CHOICES, string>> & {
        readonly fanOutFunction: Readonly<Record<string, object>>;
        readonly chosen: Chosen;
      };
    };
    readonly package: { readonly artifact?: string };
    readonly layers: Readonly<Record<string, unknown>>;
    readonly functions: Record<
      string,
      { readonly layers?: readonly unknown[]; readonly package?: { readonly artifact?: string } }
    >;
  };
}

interface Options {
  /** What `invoke local` sends: the file of `--path` or the text of `--data`, parsed. */
  readonly data?: unknown;
  /** Which function it is sent to. */
  readonly function?: string;
}

/** Parameters with a fixed choice that the framework itself would not check. */
const CHOICES = {
  architecture: ['arm64', 'x86_64'],
  aws: ['offline', 'live'],
  filter: ['changes', 'none'],
} as const;

const ACCOUNT = /^AWS_(\w+_)?(PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$/;

const hasAccount = (): boolean => Object.keys(process.env).some((name) => ACCOUNT.test(name));

/** Dummy credentials: a call that needs real ones fails instead of changing an account. */
const useNoAccount = (): void => {
  for (const name of Object.keys(process.env)) if (ACCOUNT.test(name)) delete process.env[name];
  delete process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'offline', AWS_SECRET_ACCESS_KEY: 'offline' });
};

/**
 * Builds the layers before packaging and checks the sizes after it. Answers for AWS in `serverless package` and
 * `serverless invoke local`, which therefore need neither credentials nor a network: the first finds no stack,
 * the second an embedded DynamoDB, unless AWS_ENDPOINT_URL_DYNAMODB names one. `--param="aws=live"` lets both
 * use the account; `serverless deploy` always does.
 */
export default class LabelstreamPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless, options: Options, { log }: Log) {
    const command = serverless.processedInput.commands.join(' ');
    const offline = (): boolean => serverless.service.custom.labelstream.aws !== 'live';
    const root = serverless.serviceDir;
    const ownDynamoDb = Boolean(process.env.AWS_ENDPOINT_URL_DYNAMODB);
    let layers: Layers;
    let cloudFormation: Awaited<ReturnType<typeof startOfflineCloudFormation>> | undefined;
    let invocation: Pick<Invocation, 'env' | 'results' | 'stop'> | undefined;
    let temporary: ScratchFolder | undefined;
    const isFanOut = options.function === 'fanOut';
    const hasModelsLayer = (): boolean =>
      serverless.service.custom.labelstream.chosen.models.source === 'layer';
    /** Without a table, whose items would be shown. */
    const isTableless = options.function === 'predict' || options.function === 'classifyObjects';

    const withErrorCode = (code: string, hook: () => Promise<void>) => async (): Promise<void> => {
      try {
        await hook();
      } catch (error) {
        throw new serverless.classes.Error(error instanceof Error ? error.message : String(error), code);
      }
    };

    /**
     * Temporary files of this process go into a folder that is removed: serverless-esbuild leaves one for each function
     * in the system's.
     */
    const useOwnTemporaryFolder = async (): Promise<void> => {
      temporary ??= await scratchFolder(await openBuildFolder(root));
      // The variables that os.tmpdir() reads, by operating system.
      for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = temporary.path;
    };

    const checkSizes = async (): Promise<void> => {
      const { functions, package: service } = serverless.service;
      for (const [name, { layers: used, package: own }] of Object.entries(functions)) {
        const artifact = own?.artifact ?? service.artifact;
        if (artifact === undefined) continue;
        const bytes = await unzippedBytes(resolve(root, artifact));
        const { runtime, models } = used === undefined ? { runtime: 0, models: 0 } : layers.sizes;
        checkUnzippedSize({ [name]: bytes, runtime, models });
        log.notice(
          `${name} ${megabytes(bytes)}, runtime layer ${megabytes(runtime)}, models layer ${megabytes(models)}, unzipped`,
        );
      }
    };

    const checkParameters = async (): Promise<void> => {
      for (const [name, allowed] of Object.entries(CHOICES)) {
        const value = serverless.service.custom.labelstream[name as keyof typeof CHOICES];
        if ((allowed as readonly string[]).includes(value)) continue;
        throw new Error(`Parameter ${name} is "${value}": use ${allowed.join(' or ')}.`);
      }
    };

    /** Checks the settings as the functions do when they start, before anything is built. */
    const checkSettings = async (): Promise<void> => {
      const { classifyStream, predict, classifyObjects } = toService(serverless.service).functions;
      if (classifyStream !== undefined)
        await checkEnvironment(
          classifyStream.environment,
          hasModelsLayer() ? join(root, 'models') : undefined,
        );
      if (predict !== undefined) checkPredictEnvironment(predict.environment);
      if (classifyObjects !== undefined) checkObjectsEnvironment(classifyObjects.environment);
    };

    const prepareClassifier = async (): Promise<typeof invocation> => {
      await checkSettings();
      const { faults, ...built } = await buildSoundLayers({ architecture: 'host', root });
      layers = built;
      if (faults.length > 0) log.notice(leftOut(faults));
      process.env.MODELS_DIR = join(layers.opt, 'models');
      if (isTableless || !offline() || ownDynamoDb) return undefined;
      const { prepareInvocation } = await import('../invoke/prepared-invocation.ts');
      return prepareInvocation(toService(serverless.service), process.env, options.data as KinesisEvent);
    };

    const prepareForwarder = async (): Promise<typeof invocation> => {
      if (!offline()) return undefined;
      const { prepareFanOut } = await import('../invoke/prepared-fan-out.ts');
      const own = Object.entries(process.env).filter(
        ([name, value]) => /^AWS_ENDPOINT_URL_(DYNAMODB|KINESIS)$/.test(name) && value,
      );
      const service = toService(serverless.service);
      return prepareFanOut(service, process.env, options.data as DynamoDbEvent, Object.fromEntries(own));
    };

    /** Runs before the bundle is loaded, which creates its AWS clients there and then. */
    const prepare = async (): Promise<void> => {
      // Standard output is for the response and the labels.
      process.env.POWERTOOLS_METRICS_DISABLED ??= 'true';
      process.env.POWERTOOLS_LOG_LEVEL ??= 'ERROR';
      invocation = await (isFanOut ? prepareForwarder() : prepareClassifier());
      Object.assign(process.env, invocation?.env);
    };

    const show = async (): Promise<void> => {
      // Reading the stream of an account needs permissions that its user may not have; an answer is no label in a table.
      if (isTableless || (isFanOut && invocation === undefined)) return;
      const { labelsFor } = await import('../invoke/prepared-invocation.ts');
      const lines = invocation?.results() ?? labelsFor(options.data as KinesisEvent, process.env);
      for await (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
    };

    const end = async (): Promise<void> => {
      await invocation?.stop();
      await temporary?.remove();
    };

    this.hooks = {
      initialize: withErrorCode('LABELSTREAM_PARAMETER', async () => {
        await checkParameters();
        const { functions, custom } = serverless.service;
        // Defined with the parameter fanOut=function only; it can be invoked locally without.
        if (command === 'invoke local' && isFanOut && functions.fanOut === undefined)
          Object.assign(functions, custom.labelstream.fanOutFunction);
        if (!offline()) return;
        if (command === 'package' || (command === 'invoke local' && !(ownDynamoDb && hasAccount())))
          useNoAccount();
      }),
      'before:package:createDeploymentArtifacts': withErrorCode('LABELSTREAM_LAYERS', async () => {
        await checkSettings();
        await useOwnTemporaryFolder();
        // They are in the image: see image-plugin.ts.
        if (Object.keys(serverless.service.layers).length === 0) return;
        const { architecture = 'x86_64' } = serverless.service.provider;
        const hasModels = hasModelsLayer();
        const { faults, ...built } = await buildSoundLayers({ architecture, root, hasModels });
        layers = built;
        checkUnzippedSize(layers.sizes);
        if (!hasModels) return;
        // Imported here because other commands do not need ONNX Runtime.
        const { tryModels } = await import('../build/try-models.ts');
        refuseFaults([...faults, ...(await tryModels(layers, root))]);
      }),
      'before:deploy:function:packageFunction': useOwnTemporaryFolder,
      'after:package:createDeploymentArtifacts': withErrorCode('LABELSTREAM_SIZE', checkSizes),
      'before:package:compileLayers': async () => {
        if (command !== 'package' || !offline()) return;
        cloudFormation = await startOfflineCloudFormation();
        process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = cloudFormation.endpoint;
      },
      'after:package:compileLayers': async () => cloudFormation?.stop(),
      'after:aws:package:finalize:mergeCustomProviderResources': async () =>
        dropRedundantDependsOn(serverless.service.provider.compiledCloudFormationTemplate),
      'before:invoke:local:invoke': withErrorCode('LABELSTREAM_INVOKE_LOCAL', prepare),
      'after:invoke:local:invoke': withErrorCode('LABELSTREAM_INVOKE_LOCAL', show),
      finalize: end,
      error: end,
    };
  }
}
