import type { Manifest } from './run.ts';

/** How a message ended. The last three go back to the queue. */
export const MESSAGE_KINDS = [
  /** The output of an object is complete: this message was its last share. */
  'done',
  /** The same, and the manifest says what of the object could not be read. */
  'faulty',
  /** Its share is done, others of the object are not. */
  'partial',
  /** The shards of its objects are messages of their own now. */
  'planned',
  /** Its objects were done before. */
  'unchanged',
  /** Its objects are not there any more, or others have their names: those have messages of their own. */
  'superseded',
  /** There was nothing to do. */
  'skipped',
  /** There was no time left. */
  'late',
  /** It may work later. */
  'failed',
  /** It is nothing that this function knows. */
  'unreadable',
] as const;

export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What became of a message. */
export interface MessageOutcome {
  readonly kind: MessageKind;
  /** Why, where that is not clear from the kind. */
  readonly reason?: string;
  /** Of `failed` and `late`: the error. */
  readonly error?: unknown;
  /** What it was about, as far as that is known. */
  readonly about?: { readonly bucket: string; readonly key: string; readonly shard?: string };
  /** Of the runs that it ended. */
  readonly manifests?: readonly Manifest[];
  /** Shards that it sent. */
  readonly shards?: number;
}

/** From the one that says most. */
const RANKS: readonly MessageKind[] = ['faulty', 'done', 'partial', 'superseded', 'unchanged', 'skipped'];

/** The outcome of a message with these parts, with the manifests of all. */
export const worstOutcome = (outcomes: readonly MessageOutcome[]): MessageOutcome => {
  const [first] = outcomes.toSorted((a, b) => RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind));
  const manifests = outcomes.flatMap((outcome) => outcome.manifests ?? []);
  return { kind: 'skipped', ...first, ...(manifests.length > 0 && { manifests }) };
};

/** The outcome of a message that ended a run. */
export const endedRun = (manifest: Manifest): MessageOutcome => ({
  kind: manifest.status === 'complete' ? 'done' : 'faulty',
  ...(manifest.error !== undefined && { reason: `${manifest.error.code}: ${manifest.error.message}` }),
  manifests: [manifest],
});
