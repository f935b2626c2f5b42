import { type LambdaClient, paginateListLayerVersions } from '@aws-sdk/client-lambda';
import { modelsInLayer } from './layer-content.ts';
import { describedModels, digestOf, type LayerPublisher } from './layer-description.ts';
import { must } from '../../../errors.ts';

/** A version of the models layer. */
export interface ModelsLayer {
  readonly version: number;
  readonly arn: string;
  /** `name@version` of each model in it. */
  readonly ids: readonly string[];
  readonly by: LayerPublisher;
}

/**
 * @param local candidates for the models of a version: if its digest matches, its archive need not be downloaded
 * @returns the versions of a stage's models layer, the newest first
 */
export const listModelsLayers = async (
  lambda: LambdaClient,
  layerName: string,
  local: readonly string[],
): Promise<readonly ModelsLayer[]> => {
  const layers: ModelsLayer[] = [];
  for await (const { LayerVersions = [] } of paginateListLayerVersions(
    { client: lambda },
    { LayerName: layerName },
  )) {
    for (const { Version, LayerVersionArn, Description } of LayerVersions) {
      const version = must(Version, `Version of the layer ${layerName}`);
      const arn = must(LayerVersionArn, `LayerVersionArn of the layer ${layerName}`);
      const { by, ids, digest } = describedModels(Description);
      const isNamed = digest === undefined;
      const isLocal = digest === digestOf(local);
      const held = isNamed ? ids : isLocal ? local : await modelsInLayer(lambda, layerName, version);
      layers.push({ version, arn, ids: held, by });
    }
  }
  return layers.toSorted((a, b) => b.version - a.version);
};

/** Whether an ARN, `…:layer:<name>:<version>`, is a version of that layer. */
export const isVersionOf = (arn: string, layerName: string): boolean => arn.split(':')[6] === layerName;
