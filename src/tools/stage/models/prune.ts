import {
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  type LambdaClient,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import { type ModelsLayer } from './layer-versions.ts';
import { type FunctionVersion, toVersion } from '../live.ts';
import { versionBefore } from '../chosen-model.ts';

/** The number of former versions that are kept, and so of possible rollbacks. */
export const KEPT_STEPS = 5;
/** The number of unused versions of the models layer by `publish` that are kept. */
const KEPT_LAYERS = 3;

const listVersions = async (
  lambda: LambdaClient,
  functionName: string,
): Promise<readonly FunctionVersion[]> => {
  const versions: FunctionVersion[] = [];
  for await (const { Versions = [] } of paginateListVersionsByFunction(
    { client: lambda },
    { FunctionName: functionName },
  )) {
    versions.push(...Versions.map(toVersion));
  }
  return versions;
};

/**
 * Deletes versions that were published for a model and that no rollback needs any more. CloudFormation deletes those of
 * deployments.
 *
 * @param newest the version from which rollbacks go back
 * @returns the versions that were deleted
 */
export const pruneVersions = async (
  lambda: LambdaClient,
  functionName: string,
  newest: string,
): Promise<readonly string[]> => {
  const versions = new Map(
    (await listVersions(lambda, functionName)).map((version) => [version.version, version]),
  );
  const kept = new Set<string>();
  let step: string | undefined = newest;
  while (step !== undefined && kept.size <= KEPT_STEPS) {
    kept.add(step);
    step = versionBefore(versions.get(step)?.description);
  }
  const stale = [...versions.values()]
    .filter(({ version, description }) => versionBefore(description) !== undefined && !kept.has(version))
    .map(({ version }) => version);
  for (const version of stale) {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
  }
  return stale;
};

/**
 * Deletes versions of the models layer that `publish` made, that no version of a function has and that are not among
 * the newest.
 *
 * @param layers the newest first
 * @returns the versions that were deleted
 */
export const pruneLayers = async (
  lambda: LambdaClient,
  functionNames: readonly string[],
  layerName: string,
  layers: readonly ModelsLayer[],
): Promise<readonly number[]> => {
  const versions = await Promise.all(functionNames.map((name) => listVersions(lambda, name)));
  const used = new Set(versions.flat().flatMap(({ layers: arns }) => arns));
  const stale = layers
    .filter(({ by }) => by === 'model')
    .slice(KEPT_LAYERS)
    .filter(({ arn }) => !used.has(arn))
    .map(({ version }) => version);
  for (const version of stale) {
    await lambda.send(new DeleteLayerVersionCommand({ LayerName: layerName, VersionNumber: version }));
  }
  return stale;
};
