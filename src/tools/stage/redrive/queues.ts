import { HIDDEN_SECONDS, type Messages, takeMessages } from './queue.ts';
import type { Target } from './target.ts';

/** The messages of the queues of what was given up, where there are such queues. */
export interface Queues extends AsyncDisposable {
  readonly batches?: Messages | undefined;
  readonly objects?: Messages | undefined;
}

/** Which of them are taken. */
export type Wanted = Readonly<Record<'batches' | 'objects', boolean>>;

/**
 * Takes the messages of the queues that are wanted. Only a stage with objects has the second one.
 *
 * @param log receives what a person should know of them
 */
export const takeQueues = async (
  { sqs, names }: Pick<Target, 'sqs' | 'names'>,
  wanted: Wanted,
  log: (line: string) => void,
): Promise<Queues> => {
  await using taken = new AsyncDisposableStack();
  const take = async (name: string): Promise<Messages | undefined> => {
    const queue = sqs && (await takeMessages(sqs, name));
    if (queue === undefined) return undefined;
    taken.use(queue);
    if (queue.hidden > 0) {
      log(
        `About ${queue.hidden} messages more are in use; left by a run, they are back in ${HIDDEN_SECONDS} s.`,
      );
    }
    return queue;
  };
  const batches = wanted.batches ? await take(names.failedBatches) : undefined;
  if (wanted.batches && batches === undefined)
    log(`Queue ${names.failedBatches} not found here (AWS_ENDPOINT_URL_SQS): rejects only.`);
  const objects = wanted.objects ? await take(names.failedObjects) : undefined;
  const held = taken.move();
  return { batches, objects, [Symbol.asyncDispose]: () => held.disposeAsync() };
};
