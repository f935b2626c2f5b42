import { StageError } from './errors.ts';

/** How many characters Lambda takes for a layer version's description. */
const MAX_CHARACTERS = 256;

/** By whom a layer version was published: only those of `npm run model` are its to delete. */
export type LayerPublisher = 'deployment' | 'model';

const PREFIXES: Readonly<Record<LayerPublisher, string>> = {
  deployment: 'Models: ',
  model: 'Published models: ',
};

/**
 * The description of a models layer, by which its models are known without fetching it.
 * @param ids `name@version`
 * @throws StageError where they are too many
 */
export const describeLayer = (ids: readonly string[], by: LayerPublisher): string => {
  const description = `${PREFIXES[by]}${ids.toSorted().join(', ')}`;
  if (description.length <= MAX_CHARACTERS) return description;
  throw new StageError(
    `The names of ${ids.length} models take ${description.length} characters, and a layer's description has ` +
      `${MAX_CHARACTERS}: move models out of models/ that no stage uses.`,
  );
};

/** What a models layer's description says. Of a layer described otherwise it says nothing: no models. */
export const modelsOf = (
  description = '',
): { readonly ids: readonly string[]; readonly by: LayerPublisher } => {
  const by = description.startsWith(PREFIXES.model) ? 'model' : 'deployment';
  const prefix = PREFIXES[by];
  const ids = description.startsWith(prefix) ? description.slice(prefix.length).split(', ') : [];
  return { ids, by };
};
