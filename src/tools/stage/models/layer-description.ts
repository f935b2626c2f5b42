import { hash } from 'node:crypto';

/** The maximum length of a layer version's description in Lambda. */
const MAX_CHARACTERS = 256;

/** The publisher of a layer version: `npm run model` deletes only its own. */
export type LayerPublisher = 'deployment' | 'model';

const PREFIXES: Readonly<Record<LayerPublisher, string>> = {
  deployment: 'Models: ',
  model: 'Published models: ',
};

/** The models in a layer according to its description. */
export interface DescribedModels {
  readonly by: LayerPublisher;
  /** `name@version`, of all of them or of the first; none of a layer that is described otherwise. */
  readonly ids: readonly string[];
  /** Of all, where they are more than a description can name. */
  readonly digest?: string;
}

/**
 * The description of a models layer, which lists its models, so that the layer need not be downloaded: their names or,
 * if these are too many, their number, a digest of the names and as many names as fit.
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

/** Parses the description of a models layer. */
export const describedModels = (description = ''): DescribedModels => {
  const by = description.startsWith(PREFIXES.model) ? 'model' : 'deployment';
  const prefix = PREFIXES[by];
  if (!description.startsWith(prefix)) return { by, ids: [] };
  const listed = description.slice(prefix.length);
  const [, digest, some = listed] = MANY.exec(listed) ?? [];
  const ids = some.split(', ').filter((id) => id !== '');
  return { by, ids, ...(digest !== undefined && { digest }) };
};
