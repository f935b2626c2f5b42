/** Selects rejects and failed batches; an absent field selects all. */
export interface Selection {
  /** Reject codes, and of a list also conditions of failed batches. */
  readonly codes?: readonly string[];
  /** `shardId-…`, or with the stream: `stream/shardId-…`. */
  readonly shards?: readonly string[];
  /** Sequence numbers of rejects. */
  readonly sequences?: readonly string[];
}

interface Place {
  /** `stream/shardId` */
  readonly shard: string;
}

const named = (wanted: readonly string[] | undefined, ...names: readonly string[]): boolean =>
  wanted === undefined || wanted.some((name) => names.includes(name));

/** Whether the shard of a reject or a failed batch is among the chosen. */
export const isInShards = ({ shards }: Selection, { shard }: Place): boolean =>
  named(shards, shard, shard.slice(shard.lastIndexOf('/') + 1));

/** Whether a reject is chosen. A KPL aggregate's number selects all of its inner records (`4965…#3`). */
export const isChosen = (
  selection: Selection,
  reject: Place & { readonly sequenceNumber: string; readonly code: string },
): boolean =>
  isInShards(selection, reject) &&
  named(selection.codes, reject.code) &&
  named(selection.sequences, reject.sequenceNumber, reject.sequenceNumber.split('#', 1)[0] ?? '');
