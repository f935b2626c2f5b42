import { must } from '../../errors.ts';
import type { DocumentSettings } from '../../pipeline/items/document.ts';
import type { Consumed } from '../../pipeline/relabel/counts.ts';
import type { Where } from '../../pipeline/relabel/survey.ts';
import { checkAttributes } from '../../wire/attribute-clashes.ts';
import { documentSettings } from '../../wire/labels.ts';
import { UserError } from '../user-error.ts';
import { openModel, type RelabelModel } from './model.ts';
import { describeTable, type TableFacts } from './table.ts';
import type { RelabelTarget } from './target.ts';

export interface PrepareOptions {
  readonly where: Where;
  /** Whether the model's examples are checked. */
  readonly verify: boolean;
  /** Capacity units a second. */
  readonly limits: { readonly [access in keyof Consumed]: number | undefined };
}

/** What a relabel begins with. */
export interface Prepared extends RelabelModel {
  /** `name@version` */
  readonly id: string;
  readonly table: TableFacts;
  readonly settings: DocumentSettings;
  readonly limits: Consumed;
}

/** Of what a table has provisioned this part; on demand this many units a second. */
const PART = 0.5;
const ON_DEMAND = 1_000;

/**
 * Looks at the table, and whether the model may label it.
 *
 * @param root the project's folder
 * @throws UserError, ConfigError
 */
export const prepareRelabel = async (
  root: string,
  { config, dynamodb }: Pick<RelabelTarget, 'config' | 'dynamodb'>,
  { where, verify, limits }: PrepareOptions,
): Promise<Prepared> => {
  const table = await describeTable(dynamodb, config.DOCUMENTS_TABLE);
  const settings = { ...documentSettings(config), keyAttributes: table.keys };
  const id = must(config.MODEL[0], 'model to relabel with');
  const { model, models } = await openModel(root, id, { config, verify });
  checkAttributes({ ...config, KEY_ATTRIBUTES: [...table.keys] }, [model]);
  if (settings.labelsElsewhere === true && where === 'stale') {
    throw new UserError(
      'A labels table keeps the labels of each model version beside each other, none is stale: use --where missing.',
    );
  }
  const limitOf = (access: keyof Consumed): number =>
    limits[access] ?? (table.provisioned && table.provisioned[access] * PART) ?? ON_DEMAND;
  return {
    ...{ id, table, settings, model, models },
    limits: { read: limitOf('read'), write: limitOf('write') },
  };
};
