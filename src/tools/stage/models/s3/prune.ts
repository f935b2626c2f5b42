import { MANIFEST_FILE } from '../../../../models/folder/folder-format.ts';
import { compareVersions } from '../../../../pipeline/items/model-order.ts';
import { UserError } from '../../../user-error.ts';
import { KEPT_STEPS } from '../prune.ts';
import { versionsInS3, type VersionInS3 } from './list.ts';
import { forUser, type ModelsInS3 } from './models-in-s3.ts';

/**
 * Versions of a name that nothing goes back to any more: older than the one in use, and more steps back than a rollback
 * needs, or never in use. Newer ones may be about to be used.
 */
export const prunable = (versions: readonly VersionInS3[], name: string): readonly VersionInS3[] => {
  const own = versions.filter((one) => one.name === name);
  const current = own.find(({ step }) => step === 0);
  if (current === undefined) {
    throw new UserError(`No version of ${name} is in use. Nothing was deleted.`);
  }
  return own.filter(
    ({ version, step = Number.POSITIVE_INFINITY }) =>
      step > KEPT_STEPS && compareVersions(version, current.version) < 0,
  );
};

/** Deletes such versions. @returns them @throws UserError */
export const pruneInS3 = async (
  models: ModelsInS3,
  name: string,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<readonly VersionInS3[]> => {
  const { store, location } = models;
  const stale = prunable(await versionsInS3(models), name);
  try {
    for (const { keys } of dryRun ? [] : stale) {
      // First what makes it a version: who finds it, finds all of it.
      const manifests = keys.filter((key) => key.endsWith(`/${MANIFEST_FILE}`));
      await store.delete(location.bucket, manifests);
      await store.delete(
        location.bucket,
        keys.filter((key) => !manifests.includes(key)),
      );
    }
    return stale;
  } catch (cause) {
    throw forUser(cause);
  }
};
