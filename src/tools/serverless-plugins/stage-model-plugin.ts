import type { Framework, Log } from './framework.ts';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { deployedModel } from '../stage/models/model-of-deployment.ts';
import { describeLayer } from '../stage/models/layer-description.ts';
import { type FunctionVersion, type Live, readLive, readVersion } from '../stage/live.ts';
import { localModels } from '../stage/models/local-models.ts';
import { CHOSEN_BY_VARIABLE, isChosenByUser, MODEL_VARIABLE, versionBefore } from '../stage/chosen-model.ts';
import { awsFault } from '../aws-fault.ts';
import { UserError } from '../user-error.ts';

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless extends Framework {
  readonly service: {
    readonly custom: {
      readonly labelstream: {
        readonly aws: string;
        readonly chosen: { readonly models: { readonly source: string } };
      };
    };
    readonly functions: Readonly<
      Record<string, { readonly name: string; environment?: Record<string, unknown> }>
    >;
    readonly layers: Readonly<Record<string, { description?: string }>>;
  };
  getProvider(name: 'aws'): {
    getStage(): string;
    getAwsSdkV3Config(): Promise<LambdaClientConfig>;
  };
}

interface Options {
  /** `model=banking77-tfidf@1` */
  readonly param?: readonly string[] | null;
  /** The folder of an earlier package. */
  readonly package?: string;
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Properties?: {
          readonly FunctionName?: unknown;
          readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
        };
      }
    >
  >;
}

/**
 * Makes a deployment keep the model that `npm run model -- use` has chosen for its stage, in every function, and lists
 * the models in the description of the models layer. `serverless package` reads the stage only with `--param="aws=live"`.
 */
export default class StageModelPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless, options: Options, { log }: Log) {
    const command = serverless.processedInput.commands.join(' ');
    const asksStage = (): boolean =>
      command === 'deploy' || (command === 'package' && serverless.service.custom.labelstream.aws === 'live');
    const theFunction = () => {
      const found = serverless.service.functions.classifyStream;
      if (found === undefined) throw new Error('serverless.yml defines no function classifyStream');
      return found;
    };

    /** @returns what the stage has; undefined where it was never deployed, or before there was an alias */
    const askStage = async (): Promise<{ live: Live; latest: FunctionVersion } | undefined> => {
      const lambda = new LambdaClient(await serverless.getProvider('aws').getAwsSdkV3Config());
      try {
        const { name } = theFunction();
        const live = await readLive(lambda, name);
        const latest = live && (await readVersion(lambda, name));
        return latest && { live, latest };
      } catch (error) {
        throw awsFault(error, 'asking the stage which model it uses');
      } finally {
        lambda.destroy();
      }
    };

    const chooseModel = async (): Promise<void> => {
      // Elsewhere than in a layer, what is in use does not depend on what is deployed.
      if (serverless.service.custom.labelstream.chosen.models.source !== 'layer') return;
      const ids = [...(await localModels(serverless.serviceDir)).keys()];
      const { models } = serverless.service.layers;
      if (models !== undefined) models.description = describeLayer(ids, 'deployment');
      if (!asksStage()) return;
      const subject = theFunction();
      const { variables, notice } = deployedModel({
        stage: serverless.getProvider('aws').getStage(),
        model: String(subject.environment?.[MODEL_VARIABLE]),
        isExplicit: options.param?.some((one) => one.startsWith('model=')) ?? false,
        ids,
        stageHas: await askStage(),
      });
      subject.environment = { ...subject.environment, ...variables };
      // All doors answer with the same model; the origin makes it another configuration, as for the stream's function.
      for (const door of Object.values(serverless.service.functions))
        if (door !== subject && door.environment !== undefined && MODEL_VARIABLE in door.environment)
          door.environment = { ...door.environment, ...variables };
      if (notice !== undefined) log.notice(notice);
    };

    /** What was packaged before cannot know what was chosen since. */
    const checkPackage = async (): Promise<void> => {
      if (options.package === undefined) return;
      const stageHas = await askStage();
      if (stageHas === undefined) return;
      const { live } = stageHas;
      const template = 'cloudformation-template-update-stack.json';
      const path = resolve(serverless.serviceDir, options.package, template);
      const { Resources }: Template = JSON.parse(await readFile(path, 'utf8'));
      const { name } = theFunction();
      const variables = Object.values(Resources).find(({ Properties }) => Properties?.FunctionName === name)
        ?.Properties?.Environment?.Variables;
      const isSame = variables?.[MODEL_VARIABLE] === live.main.model && CHOSEN_BY_VARIABLE in variables;
      if (live.canary === undefined && (isSame || !isChosenByUser(live.main.variables))) return;
      throw new UserError(
        `The package in ${options.package} would change the stage's model, ${live.main.model}, which was chosen with ` +
          '`npm run model -- use`. Nothing was changed: package it again with --param="aws=live", which keeps the model.',
      );
    };

    /** CloudFormation knows nothing of what was chosen since the last deployment, and would mix it with the former one. */
    const checkRollback = async (): Promise<void> => {
      const live = (await askStage())?.live;
      if (live === undefined) return;
      if (live.canary === undefined && versionBefore(live.main.description) === undefined) return;
      throw new UserError(
        `The stage's model, ${live.canary?.version.model ?? live.main.model}, was chosen after the last deployment. ` +
          'Nothing was changed: take that back first, with `npm run model -- rollback`.',
      );
    };

    const withErrorCode = (hook: () => Promise<void>) => async (): Promise<void> => {
      try {
        await hook();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw new serverless.classes.Error(error.message, 'LABELSTREAM_MODEL');
      }
    };

    this.hooks = {
      'before:package:createDeploymentArtifacts': withErrorCode(chooseModel),
      'before:deploy:deploy': withErrorCode(checkPackage),
      'before:rollback:initialize': withErrorCode(checkRollback),
    };
  }
}
