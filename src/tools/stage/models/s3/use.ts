import { must } from '../../../../errors.ts';
import { firstModels } from '../../../../models/catalogue/find-with-stages.ts';
import { modelRegistry } from '../../../../models/catalogue/registry.ts';
import { KEPT_VERSIONS, parseName, type Pointer, pointerOf } from '../../../../models/sources/s3/layout.ts';
import type { ReadPointer } from '../../../../models/sources/s3/published.ts';
import { s3Models } from '../../../../models/sources/s3.ts';
import { withScratch } from '../../../scratch-folder.ts';
import { UserError } from '../../../user-error.ts';
import { readExamples } from '../examples.ts';
import { forUser, type ModelsInS3 } from './models-in-s3.ts';

/** What a name stands for now, and stood for before; `name@version`. */
export interface UsedInS3 {
  readonly id: string;
  readonly before: string | undefined;
  /** Examples that the files in S3 answer as expected; undefined where that was not checked. */
  readonly examples?: number;
}

export interface UseInS3Options {
  /** A folder for the files that are fetched to be checked. */
  readonly scratch: string;
  readonly verify?: boolean;
}

/**
 * Makes a name stand for a version that is published. Before that the version is loaded from S3, as functions do it,
 * and has to answer its examples.
 *
 * @param id `name@version`
 * @throws UserError before anything is changed
 */
export const useInS3 = async (
  models: ModelsInS3,
  id: string,
  { scratch, verify = true }: UseInS3Options,
): Promise<UsedInS3> => {
  const { name, version } = named(id);
  try {
    const found = await models.published.version(name, version);
    if (found === undefined) {
      throw new UserError(
        `Model ${id} is not published in ${models.url}. Nothing was changed: \`npm run model -- publish ${id} --to s3\` first.`,
      );
    }
    const pointer = await pointerTo(models, name);
    const before = pointer && `${name}@${pointer.version}`;
    if (pointer?.version === version && pointer.digest === found.digest) return { id, before };
    const examples = verify ? await check(models, id, scratch) : undefined;
    const earlier = pointer === undefined ? [] : [pointer, ...pointer.before];
    await write(models, name, pointer, {
      version,
      digest: found.digest,
      before: earlier
        .filter((one) => one.version !== version)
        .map(({ version: was, digest }) => ({ version: was, digest }))
        .slice(0, KEPT_VERSIONS),
    });
    return { id, before, ...(examples !== undefined && { examples }) };
  } catch (cause) {
    throw forUser(cause);
  }
};

/**
 * Makes a name stand for what it stood for before the last `use`.
 *
 * @throws UserError where there is nothing to go back to
 */
export const rollBackInS3 = async (models: ModelsInS3, name: string): Promise<UsedInS3> => {
  try {
    const pointer = await pointerTo(models, name);
    const [target, ...before] = pointer?.before ?? [];
    if (pointer === undefined || target === undefined) {
      throw new UserError(
        `Nothing to roll back to: ${pointer === undefined ? `no version of ${name} is in use` : `${name}@${pointer.version} is the first version in use`} in ` +
          `${models.url}. Nothing was changed. Choose a model with \`npm run model -- use ${name}@VERSION\`.`,
      );
    }
    const found = await models.published.version(name, target.version);
    if (found?.digest !== target.digest) {
      throw new UserError(
        `${name}@${target.version}, which was in use before, is not in ${models.url} any more. Nothing was changed.`,
      );
    }
    await write(models, name, pointer, { ...target, before });
    return { id: `${name}@${target.version}`, before: `${name}@${pointer.version}` };
  } catch (cause) {
    throw forUser(cause);
  }
};

const named = (id: string): { readonly name: string; readonly version: string } => {
  const { name, version } = parseName(id) ?? {};
  if (name !== undefined && version !== undefined) return { name, version };
  throw new UserError(`${id} is no model's name: name it with its version, such as banking77-tfidf@1.`);
};

const pointerTo = async ({ published }: ModelsInS3, name: string): Promise<ReadPointer | undefined> => {
  const pointer = await published.pointer(name);
  return pointer === 'same' ? undefined : pointer;
};

/** @throws UserError where somebody else has changed it since it was read */
const write = async (
  models: ModelsInS3,
  name: string,
  seen: ReadPointer | undefined,
  pointer: Pointer,
): Promise<void> => {
  const now = await pointerTo(models, name);
  if (now?.etag !== seen?.etag) {
    throw new UserError(
      `Somebody else has changed the version of ${name} meanwhile. Nothing was changed: try again.`,
    );
  }
  const content = Buffer.from(`${JSON.stringify(pointer, null, 2)}\n`);
  const options = { contentType: 'application/json', ifAbsent: seen === undefined };
  if ((await models.store.put(pointerOf(models.location, name), content, options)) === 'written') return;
  throw new UserError(
    `Somebody else has put a version of ${name} in use meanwhile. Nothing was changed: try again.`,
  );
};

/** Loads a version from S3 as functions do it. @returns the number of its examples @throws ModelError */
const check = ({ store, location }: ModelsInS3, id: string, scratch: string): Promise<number> =>
  withScratch(scratch, async (folder) => {
    const source = s3Models(store, location, { folder, maxBytes: Number.POSITIVE_INFINITY });
    const { models, inUse } = await firstModels(source, [id]);
    const registry = modelRegistry(models, {
      defaultModels: [id],
      inUse,
      changing: { source, refreshMs: Number.POSITIVE_INFINITY },
    });
    await registry.load(id);
    const own = must(
      models.find(({ manifest }) => `${manifest.name}@${manifest.version}` === id),
      `model ${id}`,
    );
    return (await readExamples(own.folder)).length;
  });
