import { type LambdaClient, paginateListLayerVersions } from '@aws-sdk/client-lambda';
import { type LayerPublisher, modelsOf } from './layer-description.ts';

/** A version of the models layer. */
export interface ModelsLayer {
  readonly version: number;
  readonly arn: string;
  /** `name@version` of each model in it. */
  readonly ids: readonly string[];
  readonly by: LayerPublisher;
}

/** @returns the versions of a stage's models layer, the newest first */
export const listModelsLayers = async (
  lambda: LambdaClient,
  layerName: string,
): Promise<readonly ModelsLayer[]> => {
  const layers: ModelsLayer[] = [];
  for await (const { LayerVersions = [] } of paginateListLayerVersions(
    { client: lambda },
    { LayerName: layerName },
  )) {
    for (const { Version = 0, LayerVersionArn = '', Description } of LayerVersions) {
      layers.push({ version: Version, arn: LayerVersionArn, ...modelsOf(Description) });
    }
  }
  return layers.toSorted((a, b) => b.version - a.version);
};

/** Whether an ARN, `…:layer:<name>:<version>`, is a version of that layer. */
export const isVersionOf = (arn: string, layerName: string): boolean => arn.split(':')[6] === layerName;
