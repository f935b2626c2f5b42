import { type ModelsLayer, listModelsLayers } from './layer-versions.ts';
import type { FunctionVersion } from '../live.ts';
import { localModels, resolveId } from './local-models.ts';
import type { StageModels } from './stage-models.ts';
import { type Column, type Section, tableSection } from '../../report/section.ts';

/** A model and its locations. */
export interface ListedModel {
  readonly id: string;
  /** Whether it is in the project's `models/`. */
  readonly isLocal: boolean;
  /** Versions of the stage's models layer that hold it, the newest first. */
  readonly layers: readonly number[];
  /** Whether records can name it: it is in the layer that the live version has. */
  readonly isReachable: boolean;
  /** The versions of the function whose default it is, and the part of the invocations that they get, from 0 to 1. */
  readonly inUse: readonly { readonly version: string; readonly share: number; readonly isCanary: boolean }[];
}

/** @returns every model that is in the stage's models layer or in the project's `models/`, sorted by name */
export const listModels = async ({
  root,
  lambda,
  names,
  live,
}: StageModels): Promise<readonly ListedModel[]> => {
  const local = await localModels(root);
  const layers = await listModelsLayers(lambda, names.layerName, [...local.keys()]);
  const { main, canary } = live;
  const routes = [
    { of: main, share: 1 - (canary?.share ?? 0), isCanary: false },
    ...(canary ? [{ of: canary.version, share: canary.share, isCanary: true }] : []),
  ].map((route) => ({ ...route, id: defaultOf(route.of, layers) }));
  const reachable = new Set(layerOf(main, layers)?.ids);
  const ids = new Set([
    ...local.keys(),
    ...layers.flatMap((layer) => layer.ids),
    ...routes.map(({ id }) => id),
  ]);
  return [...ids].toSorted().map((id) => ({
    id,
    isLocal: local.has(id),
    layers: layers.filter((layer) => layer.ids.includes(id)).map(({ version }) => version),
    isReachable: reachable.has(id),
    inUse: routes
      .filter((route) => route.id === id)
      .map(({ of: { version }, share, isCanary }) => ({ version, share, isCanary })),
  }));
};

const layerOf = (
  { layers: arns }: FunctionVersion,
  layers: readonly ModelsLayer[],
): ModelsLayer | undefined => layers.find(({ arn }) => arns.includes(arn));

/** The models that `MODEL` names in a version; as it is written, where the models of its layer are not known. */
const defaultOf = (version: FunctionVersion, layers: readonly ModelsLayer[]): string =>
  resolveId(version.model, layerOf(version, layers)?.ids ?? []) ?? version.model;

const COLUMNS: readonly Column[] = [
  { key: 'model', head: 'model' },
  { key: 'local', head: 'in models/' },
  { key: 'layers', head: 'in layer version' },
  { key: 'inUse', head: 'in use' },
];

/** The models of a stage as a report. */
export const modelsSection = (models: readonly ListedModel[]): Section =>
  tableSection(
    'models',
    'Models of the stage and of models/',
    COLUMNS,
    models.map((model) => ({
      model: model.id,
      local: model.isLocal ? 'yes' : 'no',
      layers: model.layers.join(', ') || 'none',
      inUse: inUseText(model),
    })),
  );

const inUseText = ({ inUse, isReachable }: ListedModel): string =>
  inUse
    .map(
      ({ share, version, isCanary }) =>
        `${Math.round(share * 100)} %, version ${version}${isCanary ? ' (canary)' : ''}`,
    )
    .join(', ') || (isReachable ? 'by records that name it' : 'no');
