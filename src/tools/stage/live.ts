import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type FunctionConfiguration,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { must } from '../../errors.ts';
import { MODEL_VARIABLE } from './chosen-model.ts';
import { LIVE_ALIAS } from '../serverless-yml/names.ts';
import { isNotFound } from '../aws-fault.ts';

/** A version of the function, or `$LATEST`, from which the next version is published. */
export interface FunctionVersion {
  readonly version: string;
  /** From its environment: `name@version`, or `name` for the highest available version. */
  readonly model: string;
  readonly variables: Readonly<Record<string, string>>;
  /** ARNs of its layers' versions. */
  readonly layers: readonly string[];
  readonly description: string;
  /** Of its code. */
  readonly codeSha256: string;
  readonly architecture: string;
  readonly arn: string;
}

/** The versions that the alias `live` points to. */
export interface Live {
  readonly main: FunctionVersion;
  /** The version that gets a share of the invocations, to be tried out. */
  readonly canary?: { readonly version: FunctionVersion; readonly share: number };
}

/** @returns the version, `$LATEST` unless named; undefined where there is none */
export const readVersion = async (
  lambda: LambdaClient,
  functionName: string,
  version?: string,
): Promise<FunctionVersion | undefined> => {
  try {
    const Qualifier = version === undefined ? {} : { Qualifier: version };
    return toVersion(
      await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName, ...Qualifier })),
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** @param configuration as Lambda describes a function */
export const toVersion = (configuration: FunctionConfiguration): FunctionVersion => {
  const variables = configuration.Environment?.Variables ?? {};
  return {
    version: must(configuration.Version, 'Version of the function'),
    model: variables[MODEL_VARIABLE] ?? '',
    variables,
    layers: (configuration.Layers ?? []).map(({ Arn }) => must(Arn, 'Arn of a layer')),
    description: configuration.Description ?? '',
    codeSha256: must(configuration.CodeSha256, 'CodeSha256 of the function'),
    architecture: configuration.Architectures?.[0] ?? 'x86_64',
    arn: must(configuration.FunctionArn, 'FunctionArn of the function'),
  };
};

/** @returns the versions of the alias; undefined where the function or the alias does not exist */
export const readLive = async (lambda: LambdaClient, functionName: string): Promise<Live | undefined> => {
  const alias = await lambda
    .send(new GetAliasCommand({ FunctionName: functionName, Name: LIVE_ALIAS }))
    .catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  const main = alias && (await readVersion(lambda, functionName, alias.FunctionVersion));
  if (main === undefined) return undefined;
  const [weighted] = Object.entries(alias?.RoutingConfig?.AdditionalVersionWeights ?? {});
  if (weighted === undefined) return { main };
  const [canary, share] = weighted;
  const version = await readVersion(lambda, functionName, canary);
  return version === undefined ? { main } : { main, canary: { version, share } };
};
