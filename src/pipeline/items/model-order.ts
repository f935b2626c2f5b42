/** `10` is higher than `9`. */
const versionOrder = new Intl.Collator('en', { numeric: true });

/** Below 0 where one version is lower than the other. */
export const compareVersions = (one: string, other: string): number => versionOrder.compare(one, other);

const nameOf = (id: string): string => id.slice(0, id.indexOf('@'));
const versionOf = (id: string): string => id.slice(id.indexOf('@') + 1);

const compareIds = (one: string, other: string): number =>
  nameOf(one) === nameOf(other)
    ? compareVersions(versionOf(one), versionOf(other))
    : nameOf(one) < nameOf(other)
      ? -1
      : 1;

/**
 * Whether a label that an item has is kept, though another model would run here: two versions of the function with
 * different models may share a stream, and must not overwrite each other's labels for ever.
 *
 * - A label of a model that the item names is kept over that of one it does not name, a default model.
 * - Of two versions of a model, the label of the newer one is kept.
 * - Otherwise, where this change is the writing of the other label, the label of the higher name is kept; an older
 *   label may be from a time when the item named another model.
 *
 * @param theirs `name@version` of the model whose label it is
 * @param mine that of the model that would run
 * @param names what the item names: `name` or `name@version`
 * @param isNew whether the change is the writing of that label
 */
export const stays = (theirs: string, mine: string, names: readonly string[], isNew: boolean): boolean => {
  const isNamed = (id: string): boolean => names.includes(id) || names.includes(nameOf(id));
  if (isNamed(theirs) !== isNamed(mine)) return isNamed(theirs);
  return (isNew || nameOf(theirs) === nameOf(mine)) && compareIds(theirs, mine) > 0;
};
