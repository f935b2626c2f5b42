import { taskOf } from '../../tasks/tasks.ts';
import { resolvingAgain } from '../resolve-again.ts';
import { must, TransientError } from '../../errors.ts';
import type { Classifier, Model, Models } from '../../tasks/model.ts';
import { ahead } from './ahead.ts';
import { type AnswerSettings, answersTo } from './answers.ts';
import { type Chunk, FaultError, NOTHING, type OpenObject, type Source } from './formats/format.ts';
import { formatOf } from './formats/formats.ts';
import { type ObjectOutput, objectOutput, type Written } from './object-output.ts';
import type { ObjectName, ObjectStore, WriteOptions } from './object-store.ts';
import { counter, type ShardReport } from './report.ts';
import { isGone } from './stored-json.ts';
import type { ObjectFault, ObjectParts, ObjectRun, ShardTask } from './run.ts';

/** The object of a run was deleted or replaced before it was read. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

export const sourceOf = (store: ObjectStore, { source }: ObjectRun): Source => ({
  head: source,
  read: (range) => ofThisVersion(store.read(source, range)),
});

async function* ofThisVersion(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    throw isGone(cause) ? new SupersededError(cause.message, { cause }) : cause;
  }
}

export interface WorkedShard extends Written {
  readonly report: ShardReport;
}

/** Where the answers of a shard go. */
export interface ShardTarget extends Pick<WriteOptions, 'ifAbsent'> {
  readonly name: ObjectName;
  /** It is the whole output: what comes after the records is written, too. */
  readonly isWhole: boolean;
}

/**
 * Classifies the lines of a shard and writes them as an object; none where there is nothing to write.
 *
 * @throws ObjectError, TransientError, the signal's reason; nothing is left then
 */
export const workShard = async (
  { run, shard }: ShardTask,
  { store, models, settings, meter, now }: ObjectParts,
  target: ShardTarget,
  signal?: AbortSignal,
): Promise<WorkedShard> => {
  const began = now?.();
  const model = await modelOf(run, models);
  const { format, object, fault: unreadable } = await opened(run, { store, models, settings });
  const output = objectOutput(store, target.name, {
    contentType: format?.contentType ?? 'application/octet-stream',
    ifAbsent: target.ifAbsent ?? false,
  });
  try {
    const counted = counter();
    let fault = unreadable;
    let foot = '';
    if (object !== undefined) {
      const reader = object.read(shard);
      const answer = (chunk: Chunk) =>
        answered(
          chunk,
          model,
          { store, models, settings: { ...settings, task: object.task }, meter },
          signal,
        );
      let head = reader.head;
      try {
        for await (const { chunk, results } of ahead(reader.chunks(), await depthOf(model, models), answer)) {
          signal?.throwIfAborted();
          // Blank lines of a table.
          if (results.length === 0) continue;
          counted.add(results);
          await output.write(head);
          head = NOTHING;
          await writeAll(output, chunk.write(results));
        }
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        fault = faultOf(error);
      }
      foot = reader.foot();
      // A table without rows is its header; one that cannot be read is nothing.
      if (fault === undefined || !target.isWhole || counted.counts().lines > 0) {
        await output.write(head);
        if (target.isWhole) await output.write(object.tail([{ start: 0, foot }]));
      }
    }
    signal?.throwIfAborted();
    const written = await output.finish();
    const { bytes, sha256 } = written;
    const seconds = began === undefined || now === undefined ? undefined : (now() - began) / 1_000;
    return {
      ...written,
      report: { bytes, sha256, counts: counted.counts(), foot, error: fault, seconds },
    };
  } catch (error) {
    await abandon(output);
    throw error;
  }
};

/** What was thrown counts, not that its remains could not be removed, too: they are as those of a crash. */
const abandon = (output: ObjectOutput): Promise<void> => output.abort().catch(() => undefined);

/** The model of a run. @throws PermanentError where there is none; TransientError */
export const modelOf = async (run: ObjectRun, models: Models): Promise<Model> => {
  const [named] = await resolvingAgain(models, () => models.resolve([run.model]));
  return must(named, `model ${run.model}`);
};

/** The object as its format reads it, or why it cannot be read. */
export const opened = async (
  run: ObjectRun,
  { store, models, settings }: Pick<ObjectParts, 'store' | 'models' | 'settings'>,
) => {
  const task = taskOf(await modelOf(run, models));
  try {
    const format = formatOf(run.source.key, settings.format);
    const object: OpenObject = await format.open(sourceOf(store, run), { ...settings, task });
    return { format, object, fault: undefined };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { format: undefined, object: undefined, fault: faultOf(error) };
  }
};

const faultOf = ({ code, message }: FaultError): ObjectFault => ({ code, message });

const writeAll = async (output: ObjectOutput, bytes: ReturnType<Chunk['write']>): Promise<void> => {
  if (bytes instanceof Uint8Array) return output.write(bytes);
  for await (const some of bytes) await output.write(some);
};

/** A chunk with the results of its records, those of a few at a time. */
const answered = async (
  chunk: Chunk,
  model: Model,
  { models, settings, meter }: ObjectParts & { readonly settings: AnswerSettings },
  signal: AbortSignal | undefined,
) => {
  const { records } = chunk;
  const results = [];
  for (let start = 0; start < records.length; start += settings.chunkSize) {
    signal?.throwIfAborted();
    const some = records.slice(start, start + settings.chunkSize);
    results.push(...(await answersTo(some, model, models, settings, meter)));
  }
  return { chunk, results };
};

/** A model with a thread of its own has the next lines ready while it works. */
const depthOf = async ({ id }: Model, models: Models): Promise<number> => {
  let classifier: Classifier;
  try {
    classifier = await models.load(id);
  } catch (cause) {
    throw new TransientError(`model ${id} could not be loaded`, { cause });
  }
  return classifier.isBeside === true ? 2 : 1;
};
