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
  };
  getProvider(name: 'aws'): { readonly naming: { getLambdaLogicalId(functionName: string): string } };
}

interface VersionedFunction {
  readonly events?: readonly { readonly stream?: unknown }[];
  versionFunction?: boolean;
  /** What the framework has its event source mappings invoke, where there is one. */
  targetAlias?: { readonly name: string; readonly logicalId: string };
  /** Set by the framework where it has compiled a version. */
  readonly versionLogicalId?: string;
}

/**
 * Gives every function that reads a stream a version for each deployment that changes it, and the alias `live` on that
 * version, which its event source mapping invokes.
 *
 * Of the versions from deployments only the current one is kept: CloudFormation deletes the former one as soon as the
 * alias has moved. Rolling back a deployment deploys the former code and layers again.
 */
export default class LiveAliasPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  constructor(serverless: Serverless) {
    const readers = (): readonly (readonly [logicalId: string, reader: VersionedFunction])[] =>
      Object.entries(serverless.service.functions)
        .filter(([, { events = [] }]) => events.some(({ stream }) => stream !== undefined))
        .map(([name, reader]) => [serverless.getProvider('aws').naming.getLambdaLogicalId(name), reader]);

    this.hooks = {
      'before:package:compileFunctions': async () => {
        for (const [logicalId, reader] of readers()) {
          reader.versionFunction = true;
          reader.targetAlias = { name: LIVE_ALIAS, logicalId: `${logicalId}LiveAlias` };
        }
      },
      'after:package:compileFunctions': async () => {
        const { Resources } = serverless.service.provider.compiledCloudFormationTemplate;
        for (const [logicalId, { targetAlias, versionLogicalId }] of readers()) {
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
            },
          };
        }
      },
    };
  }
}
