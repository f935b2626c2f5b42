import { createHash } from 'node:crypto';
import {
  LEAST_PART_BYTES,
  type ObjectName,
  type ObjectStore,
  type ObjectUpload,
  type WriteOptions,
  type WriteResult,
} from './object-store.ts';
import { giveBuffer, takeBuffer } from './part-buffers.ts';

/** Parts of the least size that an upload may have before they get larger: it has 10,000 at most. */
const PARTS_OF_A_SIZE = 1_000;

export interface Written {
  readonly bytes: number;
  readonly sha256: string;
  /** Undefined where there were no bytes, and so no object. */
  readonly result: WriteResult | undefined;
}

/** Writes an object from its beginning to its end: as a whole where it is small, in parts otherwise. */
export interface ObjectOutput {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<Written>;
  /** Gives up; nothing is left. */
  abort(): Promise<void>;
}

/** @param options `ifAbsent`: an object of that name stays as it is */
export const objectOutput = (
  store: ObjectStore,
  name: ObjectName,
  { contentType, ifAbsent = false }: { readonly contentType: string } & Pick<WriteOptions, 'ifAbsent'>,
): ObjectOutput => {
  const hash = createHash('sha256');
  let bytes = 0;
  let upload: ObjectUpload | undefined;
  let parts = 0;
  /** The part on its way: the next one waits for it. */
  let sending: Promise<void> = Promise.resolve();

  const { leastPartBytes = LEAST_PART_BYTES } = store;
  const partBytes = (): number => leastPartBytes * (1 + Math.floor(parts / PARTS_OF_A_SIZE));
  let part = takeBuffer(partBytes());
  let filled = 0;
  /** Given back when it is sent. */
  let sent: Buffer | undefined;
  const send = async (): Promise<void> => {
    await reclaim();
    upload ??= await store.startUpload(name, { contentType });
    parts += 1;
    sent = part;
    sending = upload.part(parts, part.subarray(0, filled));
    // It is awaited later.
    sending.catch(() => undefined);
    part = takeBuffer(partBytes());
    filled = 0;
  };
  const reclaim = async (): Promise<void> => {
    await sending;
    if (sent !== undefined) giveBuffer(sent);
    sent = undefined;
  };

  return {
    write: async (more) => {
      if (more.length === 0) return;
      hash.update(more);
      bytes += more.length;
      for (let at = 0; at < more.length;) {
        const taken = more.subarray(at, at + part.length - filled);
        part.set(taken, filled);
        filled += taken.length;
        at += taken.length;
        if (filled === part.length) await send();
      }
    },
    finish: async () => {
      const sha256 = hash.digest('hex');
      const write = async (): Promise<WriteResult | undefined> => {
        if (bytes === 0) return undefined;
        if (upload === undefined) return store.put(name, part.subarray(0, filled), { contentType, ifAbsent });
        if (filled > 0) await send();
        await reclaim();
        return upload.complete({ ifAbsent });
      };
      const result = await write();
      giveBuffer(part);
      return { bytes, sha256, result };
    },
    abort: async () => {
      await sending.catch(() => undefined);
      await upload?.abort();
    },
  };
};
