import { must } from '../../../errors.ts';
import type { Item } from '../../../stores/dynamodb/batch-write.ts';
import { expectedOf, isRefused, labelAt } from './expected.ts';
import type { ItemWrite } from './memory-table.ts';
import type { Played, RecordOrigin } from './play.ts';
import { UNSCORABLE } from './toy-models.ts';

/** Checks the outcomes with which the mapping completed a record: exactly one, and not a failure. */
const finalOutcomes = ({ records, settledBy }: Played): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...records.keys()].map((number) => {
      const invocations = settledBy.get(number) ?? [];
      const outcomes = invocations.map(
        ({ sequenceNumbers, outcomes: all }) => all[sequenceNumbers.indexOf(number)] ?? 'none',
      );
      return [number, outcomes];
    }),
  );

/** Unreadable data, or a change that gave an item a text that no model accepts. */
const isPoison = (origin: RecordOrigin): boolean => {
  if (origin.kind === 'noise') return true;
  if (origin.kind === 'plain') return typeof origin.text === 'number' || origin.text === UNSCORABLE;
  return origin.write.after !== undefined && isRefused(origin.write.after);
};

/** Whether an item already has the error in place of a label, so that other changes need no reject. */
const isReported = ({ after = {} }: ItemWrite): boolean => {
  const { error, models = [] } = expectedOf(after);
  return models.length > 0 && models.every(({ attribute }) => labelAt(after, attribute).error === error);
};

/** One outcome per record; every reject stored once, and nothing but poison rejected. */
export const checkRecords = async (played: Played): Promise<readonly string[]> => {
  const final = finalOutcomes(played);
  const rejects = await played.world.items('rejects');
  const stored = new Map<string, number>();
  for (const { sequence_number } of rejects) {
    const number = must(sequence_number?.S, 'sequence_number of a reject');
    stored.set(number, (stored.get(number) ?? 0) + 1);
  }
  return [
    ...(played.discarded > 0 ? [`${played.discarded} records went to OnFailure`] : []),
    ...[...final].flatMap(([number, outcomes]) => {
      const [outcome = 'none'] = outcomes;
      const faults: string[] = [];
      if (outcomes.length !== 1 || outcome === 'failed' || outcome === 'none')
        faults.push(`record ${number} ended in [${outcomes.join(', ')}]`);
      if (outcome === 'rejected' && stored.get(number) !== 1)
        faults.push(`the reject of ${number} is stored ${stored.get(number) ?? 0} times`);
      return faults;
    }),
    ...[...stored.keys()].flatMap((number) => {
      const origin = played.records.get(number);
      return origin && isPoison(origin) ? [] : [`record ${number} is no poison, but among the rejects`];
    }),
  ];
};

/** The poison in a record: of records of an item with the same content, one is rejected. */
const substanceOf = (origin: RecordOrigin): string => {
  if (origin.kind === 'noise') return `noise ${origin.version}`;
  if (origin.kind === 'plain') {
    const { id, text } = origin;
    return contentOf(
      id,
      text === undefined ? {} : { text: typeof text === 'number' ? { N: String(text) } : { S: text } },
    );
  }
  const { keys, after = {} } = origin.write;
  return contentOf(must(keys.id?.S, 'id of an item'), after);
};

/** What of an item is answered, by which models. */
const contentOf = (id: string, item: Item): string => {
  const { text, hash } = expectedOf(item);
  return JSON.stringify([id, text, hash, item.model_type]);
};

/**
 * Checks that poison is never lost: at least one copy of unreadable data was rejected, and so was a change that gave an
 * item a text that no model accepts, unless the item has changed since.
 */
export const checkPoison = (played: Played): readonly string[] => {
  const { records } = played;
  const rejected = new Set<string>();
  for (const [number, [outcome]] of finalOutcomes(played)) {
    const origin = records.get(number);
    if (origin === undefined) continue;
    // A relabel reports what it rejects; its error on the item may be the newest change that the function gets.
    const isReport = origin.kind === 'change' && origin.by === 'relabel' && isReported(origin.write);
    if (outcome === 'rejected' || isReport) rejected.add(substanceOf(origin));
  }
  const last = new Map<string, RecordOrigin>();
  for (const origin of records.values()) {
    // Records of other producers may be of an item that was completed long ago.
    if (origin.kind === 'plain' || (origin.kind === 'change' && origin.by !== 'owner')) continue;
    const name = origin.kind === 'noise' ? `noise ${origin.version}` : `item ${origin.write.keys.id?.S}`;
    if ((last.get(name)?.version ?? -1) <= origin.version) last.set(name, origin);
  }
  return [...last].flatMap(([name, origin]) => {
    const isNews = isPoison(origin) && !(origin.kind === 'change' && isReported(origin.write));
    return isNews && !rejected.has(substanceOf(origin)) ? [`${name} is poison, but was not rejected`] : [];
  });
};
