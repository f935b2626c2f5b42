import type { LabelStoreName } from '../../stores/label-stores.ts';
import { MEASURED } from '../costs/measured.ts';
import type { Consumed } from '../../pipeline/relabel/counts.ts';
import { relabelCost, type RelabelCost } from '../costs/relabel-cost.ts';

/** What labelling takes, as far as it is known before. */
export interface Estimate {
  readonly writeUnits: number;
  /** Without reading again, which takes what it took. */
  readonly seconds: number | null;
  readonly cost: RelabelCost;
}

/** An eventually consistent read of as many bytes takes a unit. */
const BYTES_PER_READ = 8_192;
const BYTES_PER_WRITE = 1_024;

/** Of a label's attributes on an item: names, label, score, hash, model. */
const LABEL_BYTES = 200;

export interface EstimateOptions {
  /** Items to label, and all that were read. */
  readonly chosen: number;
  readonly examined: number;
  /** What reading took, and takes again. */
  readonly consumed: Consumed;
  readonly store: LabelStoreName;
  /** `name@version` */
  readonly model: string;
  /** Capacity units a second. */
  readonly limits: Consumed;
}

/** An estimate by the items' average size and the model's recorded speed on one core; null where that is not known. */
export const estimateOf = ({
  chosen,
  examined,
  consumed,
  store,
  model,
  limits,
}: EstimateOptions): Estimate => {
  const bytes = examined === 0 ? 0 : (consumed.read * BYTES_PER_READ) / examined;
  const each = store === 'labels-table' ? 1 : Math.ceil((bytes + LABEL_BYTES) / BYTES_PER_WRITE);
  const writeUnits = chosen * each;
  const speed = MEASURED.models[model.slice(0, model.indexOf('@'))]?.recordsPerSecond;
  const work = speed === undefined ? undefined : chosen * (1 / speed + MEASURED.storeMs[store] / 1000);
  const seconds = work && Math.max(work, writeUnits / limits.write, consumed.read / limits.read);
  const written = store === 'labels-table' ? 0 : chosen;
  return {
    writeUnits,
    seconds: chosen === 0 ? 0 : (seconds ?? null),
    cost: relabelCost({ read: consumed.read, write: writeUnits }, written),
  };
};
