import { hash } from 'node:crypto';

/** How many characters Lambda takes for a layer version's description. */
const MAX_CHARACTERS = 256;

/** By whom a layer version was published: only those of `npm run model` are its to delete. */
export type LayerPublisher = 'deployment' | 'model';

const PREFIXES: Readonly<Record<LayerPublisher, string>> = {
  deployment: 'Models: ',
  model: 'Published models: ',
};

/** What a description says of the models in a layer. */
export interface DescribedModels {
  readonly by: LayerPublisher;
  /** `name@version`, of all of them or of the first; none of a layer that is described otherwise. */
  readonly ids: readonly string[];
  /** Of all, where they are more than a description can name. */
  readonly digest?: string;
}

/**
 * The description of a models layer, by which its models are known without fetching it: their names or, where these are
 * too many, how many they are, a digest of the names and as many names as there is room for.
 *
 * @param ids `name@version`
 */
export const describeLayer = (ids: readonly string[], by: LayerPublisher): string => {
  const sorted = ids.toSorted();
  const description = `${PREFIXES[by]}${sorted.join(', ')}`;
  if (description.length <= MAX_CHARACTERS) return description;
  const start = `${PREFIXES[by]}${ids.length} models, sha256 ${digestOf(ids)}: `;
  const room = MAX_CHARACTERS - start.length - END.length;
  const named: string[] = [];
  for (const id of sorted) {
    if ([...named, id].join(', ').length > room) break;
    named.push(id);
  }
  return `${start}${named.join(', ')}${END}`;
};

const END = ', ...';

/** Half a SHA-256 of the sorted names. */
export const digestOf = (ids: readonly string[]): string =>
  hash('sha256', ids.toSorted().join(',')).slice(0, 32);

const MANY = /^\d+ models, sha256 ([0-9a-f]{32}): (.*), \.\.\.$/;

/** What a models layer's description says. */
export const describedModels = (description = ''): DescribedModels => {
  const by = description.startsWith(PREFIXES.model) ? 'model' : 'deployment';
  const prefix = PREFIXES[by];
  if (!description.startsWith(prefix)) return { by, ids: [] };
  const listed = description.slice(prefix.length);
  const [, digest, some = listed] = MANY.exec(listed) ?? [];
  const ids = some.split(', ').filter((id) => id !== '');
  return { by, ids, ...(digest !== undefined && { digest }) };
};
