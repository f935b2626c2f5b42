import { must } from '../../../errors.ts';
import { itemName } from '../../../dynamodb-json/attributes.ts';
import { labelNames } from '../../../tasks/label-names.ts';
import { sha256 } from '../../../tasks/content-hash.ts';
import type { LabelEvent } from '../../../pipeline/destinations.ts';
import { rowPrefix } from '../../../stores/labels-table.ts';
import type { Model } from '../../../tasks/model.ts';
import { expectedOf } from './expected.ts';
import { changedMicros, type Played } from './play.ts';
import { toyLabel, toysOf } from './toy-models.ts';

/**
 * Checks that the label of every surviving item was forwarded, by each of its models; that events of the same label
 * have the same id and others have not; and that no write of a label was forwarded as if it were news.
 *
 * @param isExact whether the times of all changes are exact, by which their records are known
 */
export const checkForwarded = (
  { expected, events, records, world }: Played,
  isExact: boolean,
): readonly string[] => {
  const ids = new Set(events.map(({ id }) => id));
  const subjectOf = (id: string): string => itemName(world.tables.documents, { id: { S: id } });
  const missing = [...expected].flatMap(([id, item]) => {
    const { text, hash, error, models = [] } = expectedOf(item);
    if (text === undefined || error !== undefined) return [];
    return models
      .filter((model) => !ids.has(idOf([subjectOf(id), model.id, hash, { S: toyLabel(text, model) }])))
      .map((model) => `the label of ${id} by ${model.id} was not forwarded`);
  });
  const wrong = events.filter(
    ({ id, subject, data: { model, hash, answer } }) =>
      id !== idOf([subject, model, hash, { S: answer[rowPrefix(toyOf(model))] }]),
  );
  const changes = new Map(
    [...records.values()].map((origin) => [String(changedMicros(origin.version)), origin] as const),
  );
  const echoed = events.filter((event) => {
    if (!isExact) return false;
    const origin = changes.get(microsOf(event));
    if (origin?.kind !== 'change' || origin.by !== 'function') return false;
    const names = labelNames(toyOf(event.data.model).attribute);
    const { after = {} } = origin.write;
    return after[names.hash]?.S === event.data.hash && after[names.model]?.S === event.data.model;
  });
  return [
    ...missing,
    ...wrong.map(({ id }) => `event ${id} has the id of another`),
    ...echoed.map(({ subject }) => `the write of a label to ${subject} was forwarded`),
  ];
};

const toyOf = (id: string): Model => must(toysOf([id])?.[0], 'model of an event');

const idOf = (parts: readonly unknown[]): string => sha256(JSON.stringify(parts));

const microsOf = ({ time = '' }: LabelEvent): string => `${Date.parse(time)}${time.slice(-4, -1)}`;
