import { ConfigError } from '../errors.ts';
import type { ObjectName, ObjectStore } from '../pipeline/objects/object-store.ts';
import { contentOf } from '../pipeline/objects/stored-json.ts';
import { parseS3Url, type Place } from '../stores/objects/place.ts';
import type { WantedObject } from './plan.ts';

/** The objects below a prefix; the one object where the prefix is its key, though others begin with it. */
export async function* objectsBelow(
  store: ObjectStore,
  { bucket, key }: Place,
): AsyncGenerator<WantedObject> {
  for await (const object of store.list(bucket, key)) {
    // It is the first: no key is before its own beginning.
    if (object.key === key && key !== '') {
      yield { ...object, isNamed: true };
      return;
    }
    yield { ...object, isNamed: false };
  }
}

/**
 * The objects that a list names: in each line an URL `s3://bucket/key`, or a JSON object with `bucket`, `key` and, if
 * wanted, `versionId`, as S3 Inventory and a planner know them.
 *
 * @throws ConfigError that names the line which is neither
 */
export async function* objectsListed(store: ObjectStore, name: ObjectName): AsyncGenerator<WantedObject> {
  const lines = (await contentOf(store, name)).toString().split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const object = listed(line);
    if (object === undefined)
      throw new ConfigError(
        `${name.bucket}/${name.key}: line ${index + 1} is neither s3://bucket/key nor {"bucket": …, "key": …}`,
      );
    yield { ...object, isNamed: true };
  }
}

const listed = (line: string): (Place & { readonly versionId?: string }) | undefined => {
  if (!line.startsWith('{')) {
    const place = parseS3Url(line.trimEnd());
    return place?.key === '' ? undefined : place;
  }
  try {
    const { bucket, key, versionId } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof bucket !== 'string' || typeof key !== 'string' || key === '') return undefined;
    return { bucket, key, ...(typeof versionId === 'string' && { versionId }) };
  } catch {
    return undefined;
  }
};
