import type { KeyedMessage } from '../../ingest/input/input.ts';
import type { HistoryStep } from '../histories/history.ts';
import { ITEM_POISON, type ItemPoison, RECORD_POISON, type RecordPoison } from '../poison.ts';
import { below, seededRandom } from '../../random.ts';

/** The shares of events, from 0 to 1; the rest are inserts of new items. */
export interface HistoryRates {
  readonly poison: number;
  readonly edits: number;
  readonly deletes: number;
  readonly reinserts: number;
  /** Another producer sends plain JSON of an item's earlier state. */
  readonly echoes: number;
}

/** A step, and the name of its record in the stream. */
export interface NamedStep {
  readonly step: HistoryStep;
  readonly id: string;
  /** An insert record of an item that never existed. */
  readonly isNew: boolean;
}

/** The prefix of the names of poison, and of no others. */
export const POISON_PREFIX = 'poison-';

interface Living {
  readonly id: string;
  readonly text: string;
  readonly earlier?: string;
}

/** Every other change is of one of this many newest items, whose inserts may not be processed yet. */
const RECENT = 60;

/**
 * Makes a history of messages, a step of each: mostly inserts, some edits, of which a third go back to the item's
 * earlier text, deletes, re-inserts, and poison of every kind in turn.
 */
export const eventfulHistory = (seed: number, rates: HistoryRates) => {
  const random = seededRandom(seed);
  const living: Living[] = [];
  const deleted: string[] = [];
  const noises = Object.keys(RECORD_POISON) as RecordPoison[];
  const spoils = Object.keys(ITEM_POISON) as ItemPoison[];
  let poison = 0;
  let spoilt = 0;

  const pick = (): number => {
    const recent = random() < 0.5 ? Math.min(RECENT, living.length) : living.length;
    return living.length - 1 - below(recent, random);
  };
  const insert = (id: string, text: string, isNew: boolean): NamedStep => {
    living.push({ id, text });
    return { id, isNew, step: { kind: 'put', id, text } };
  };
  const poisonStep = (key: string): NamedStep => {
    const id = POISON_PREFIX + key;
    const turn = poison % (noises.length + spoils.length);
    poison += 1;
    const noise = noises[turn];
    if (noise !== undefined) return { id, isNew: false, step: { kind: 'noise', how: noise } };
    spoilt += 1;
    return { id, isNew: false, step: { kind: 'spoil', id, how: spoils[turn - noises.length] ?? 'number' } };
  };
  const edit = (text: string): NamedStep => {
    const at = pick();
    const { id, text: now, earlier } = living[at] as Living;
    const then = earlier !== undefined && random() < 1 / 3 ? earlier : text;
    living[at] = { id, text: then, earlier: now };
    return { id, isNew: false, step: { kind: 'edit', id, text: then } };
  };
  const echo = (): NamedStep => {
    const { id, text, earlier = text } = living[pick()] as Living;
    return { id, isNew: false, step: { kind: 'plain', id, text: earlier } };
  };
  const remove = (): NamedStep => {
    const at = pick();
    const { id } = living[at] as Living;
    living[at] = living.at(-1) as Living;
    living.pop();
    deleted.push(id);
    return { id, isNew: false, step: { kind: 'delete', id } };
  };

  return {
    next: ({ key, text }: KeyedMessage): NamedStep => {
      let point = random();
      const happens = (rate: number): boolean => (point -= rate) < 0;
      if (happens(rates.poison)) return poisonStep(key);
      if (living.length > 0 && happens(rates.edits)) return edit(text);
      if (living.length > 0 && happens(rates.deletes)) return remove();
      if (living.length > 0 && happens(rates.echoes)) return echo();
      if (deleted.length > 0 && happens(rates.reinserts))
        return insert(deleted.splice(below(deleted.length, random), 1)[0] ?? key, text, false);
      return insert(key, text, true);
    },
    /** Poison records so far. */
    poison: (): number => poison,
    /** Items in the table, including those that no model accepts. */
    survivors: (): number => living.length + spoilt,
    /** Deleted items. */
    deleted: (): readonly string[] => deleted,
  };
};
