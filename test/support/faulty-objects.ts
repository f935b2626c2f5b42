import { TransientError } from '../../src/errors.ts';
import type { ObjectStore } from '../../src/pipeline/objects/object-store.ts';

/**
 * A store whose calls fail by the random numbers that it is given: before they do anything, or after. Reads come in
 * pieces of any size, and break off.
 *
 * @param random from 0 to 1 @param rate of the calls that fail
 */
export const faultyObjects = (store: ObjectStore, random: () => number, rate: number): ObjectStore => {
  const cut = () => new TransientError('the connection was cut');
  /** Now and then others overtake it. */
  const pause = async (): Promise<void> => {
    for (let turns = Math.floor(random() ** 4 * 40); turns > 0; turns -= 1) await Promise.resolve();
  };
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await pause();
    if (random() < rate / 2) throw cut();
    const result = await work();
    await pause();
    if (random() < rate / 2) throw cut();
    return result;
  };
  async function* read(...args: Parameters<ObjectStore['read']>) {
    for await (const bytes of store.read(...args)) {
      let at = 0;
      while (at < bytes.length) {
        if (random() < rate / 4) throw cut();
        const end = Math.min(bytes.length, at + 1 + Math.floor(random() ** 3 * 40_000));
        yield bytes.subarray(at, end);
        at = end;
      }
    }
  }
  return {
    head: (...args) => attempt(() => store.head(...args)),
    read,
    put: (...args) => attempt(() => store.put(...args)),
    startUpload: async (...args) => {
      const upload = await attempt(() => store.startUpload(...args));
      return {
        part: (...part) => attempt(() => upload.part(...part)),
        copy: (...part) => attempt(() => upload.copy(...part)),
        complete: (options) => attempt(() => upload.complete(options)),
        abort: () => attempt(() => upload.abort()),
      };
    },
    list: store.list,
    delete: (...args) => attempt(() => store.delete(...args)),
  };
};
