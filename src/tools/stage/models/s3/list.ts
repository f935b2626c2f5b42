import { MANIFEST_FILE } from '../../../../models/folder/folder-format.ts';
import { POINTER_FILE } from '../../../../models/sources/s3/layout.ts';
import { compareVersions } from '../../../../pipeline/items/model-order.ts';
import { type Column, type Section, tableSection } from '../../../report/section.ts';
import { megabytes } from '../../../build/layer-size.ts';
import { forUser, type ModelsInS3 } from './models-in-s3.ts';

/** A version in S3. */
export interface VersionInS3 {
  readonly name: string;
  readonly version: string;
  readonly keys: readonly string[];
  readonly bytes: number;
  /** How many steps back: 0 is in use, 1 was before; undefined where no pointer has it. */
  readonly step: number | undefined;
}

/** The versions that are published completely, by name and version. @throws UserError */
export const versionsInS3 = async ({
  store,
  location,
  published,
}: ModelsInS3): Promise<readonly VersionInS3[]> => {
  const { bucket, prefix } = location;
  const found = new Map<string, { name: string; version: string; keys: string[]; bytes: number }>();
  const names: string[] = [];
  try {
    for await (const { key, size } of store.list(bucket, prefix)) {
      const [name = '', version = '', ...file] = key.slice(prefix.length).split('/');
      if (version === POINTER_FILE && file.length === 0) names.push(name);
      if (file.length === 0) continue;
      const id = `${name}@${version}`;
      const one = found.get(id) ?? { name, version, keys: [], bytes: 0 };
      one.keys.push(key);
      one.bytes += size;
      found.set(id, one);
    }
    const steps = new Map<string, number>();
    for (const name of names) {
      const pointer = await published.pointer(name);
      if (pointer === undefined || pointer === 'same') continue;
      for (const [step, { version }] of [pointer, ...pointer.before].entries())
        steps.set(`${name}@${version}`, step);
    }
    return [...found]
      .filter(([, { name, version, keys }]) => keys.includes(`${prefix}${name}/${version}/${MANIFEST_FILE}`))
      .map(([id, one]) => ({ ...one, step: steps.get(id) }))
      .toSorted((a, b) =>
        a.name === b.name ? compareVersions(a.version, b.version) : a.name < b.name ? -1 : 1,
      );
  } catch (cause) {
    throw forUser(cause);
  }
};

const COLUMNS: readonly Column[] = [
  { key: 'model', head: 'model' },
  { key: 'local', head: 'in models/' },
  { key: 'size', head: 'in S3' },
  { key: 'inUse', head: 'in use' },
];

/** The versions in S3 and in `models/` as a report. @param local `name@version` of those in `models/` */
export const s3Section = (versions: readonly VersionInS3[], local: readonly string[]): Section => {
  const published = new Map(versions.map((one) => [`${one.name}@${one.version}`, one]));
  const ids = [...published.keys(), ...local.filter((id) => !published.has(id))];
  return tableSection(
    'models',
    'Models in S3 and in models/',
    COLUMNS,
    ids.map((id) => {
      const one = published.get(id);
      return {
        model: id,
        local: local.includes(id) ? 'yes' : 'no',
        size: one === undefined ? 'no' : megabytes(one.bytes),
        inUse: one === undefined ? 'no' : inUseText(one),
      };
    }),
  );
};

const inUseText = ({ step }: VersionInS3): string => {
  if (step === undefined) return 'by records that name it';
  return step === 0 ? 'yes' : `before, ${step} ${step === 1 ? 'step' : 'steps'} back`;
};
