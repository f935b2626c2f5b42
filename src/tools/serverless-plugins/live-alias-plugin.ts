import { LIVE_ALIAS } from '../serverless-yml/names.ts';

interface Resource {
  readonly Type: string;
  DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless {
  readonly service: {
    readonly provider: {
      readonly compiledCloudFormationTemplate: { readonly Resources: Record<string, Resource> };
    };
    readonly functions: Readonly<Record<string, VersionedFunction>>;
    readonly custom: {
      readonly labelstream: {
        readonly chosen: { readonly provisionedConcurrency: Readonly<Record<string, number>> };
      };
    };
  };
  getProvider(name: 'aws'): { readonly naming: { getLambdaLogicalId(functionName: string): string } };
}

interface VersionedFunction {
  readonly events?: readonly {
    readonly stream?: unknown;
    readonly httpApi?: unknown;
    readonly sqs?: unknown;
  }[];
  readonly url?: unknown;
  versionFunction?: boolean;
  /** What the framework has its events invoke, where there is one. */
  targetAlias?: { readonly name: string; readonly logicalId: string };
  /** Set by the framework where it has compiled a version. */
  readonly versionLogicalId?: string;
}

/** A function that something invokes: a stream, a queue, an HTTP API or a Function URL. */
const isInvoked = ({ events = [], url }: VersionedFunction): boolean =>
  Boolean(url) || events.some(({ stream, httpApi, sqs }) => (stream ?? httpApi ?? sqs) !== undefined);

/**
 * Gives every function that reads a stream or a queue or answers requests a version for each deployment that changes it, and the
 * alias `live` on that version, which is what is invoked. Provisioned concurrency is the alias's: the framework's own
 * setting would make another alias for it.
 *
 * Of the versions from deployments only the current one is kept: CloudFormation deletes the former one as soon as the
 * alias has moved. Rolling back a deployment deploys the former code and layers again.
 */
export default class LiveAliasPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless) {
    const invoked = () =>
      Object.entries(serverless.service.functions)
        .filter(([, one]) => isInvoked(one))
        .map(([name, one]) => ({
          one,
          logicalId: serverless.getProvider('aws').naming.getLambdaLogicalId(name),
          warm: serverless.service.custom.labelstream.chosen.provisionedConcurrency[name],
        }));

    this.hooks = {
      'before:package:compileFunctions': async () => {
        for (const { logicalId, one } of invoked()) {
          one.versionFunction = true;
          one.targetAlias = { name: LIVE_ALIAS, logicalId: `${logicalId}LiveAlias` };
        }
      },
      'after:package:compileFunctions': async () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        for (const { logicalId, one, warm } of invoked()) {
          const { targetAlias, versionLogicalId } = one;
          const version = versionLogicalId === undefined ? undefined : Resources[versionLogicalId];
          if (version === undefined || targetAlias === undefined) {
            throw new Error(
              `The framework made no version of ${logicalId}: pin the osls that was in use before.`,
            );
          }
          version.DeletionPolicy = 'Delete';
          Resources[targetAlias.logicalId] = {
            Type: 'AWS::Lambda::Alias',
            Properties: {
              FunctionName: { Ref: logicalId },
              FunctionVersion: { 'Fn::GetAtt': [versionLogicalId, 'Version'] },
              Name: targetAlias.name,
              ...(warm !== undefined && {
                ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: warm },
              }),
            },
          };
        }
      },
    };
  }
}
