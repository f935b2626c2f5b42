import {
  LEAST_PART_BYTES,
  type ObjectHead,
  type ObjectName,
  type ObjectStore,
  type ObjectUpload,
  type WriteOptions,
  type WriteResult,
} from './object-store.ts';
import { bytesOf } from './stored-json.ts';

/** Copies on their way at a time. */
const COPIES = 16;

/**
 * Makes an object of others, end to end. Large ones are copied within the service, small ones are read and joined,
 * because the parts of an upload have a least size.
 *
 * @param tail bytes at its end
 * @returns undefined where there are no bytes, and so no object
 */
export const joinObjects = async (
  store: ObjectStore,
  name: ObjectName,
  objects: readonly ObjectHead[],
  tail: Uint8Array,
  options: WriteOptions,
): Promise<WriteResult | undefined> => {
  const bytes = objects.reduce((sum, { size }) => sum + size, tail.length);
  if (bytes === 0) return undefined;
  if (bytes < (store.leastPartBytes ?? LEAST_PART_BYTES)) {
    const read: Uint8Array[] = [];
    for (const object of objects) if (object.size > 0) read.push(await bytesOf(store.read(object)));
    return store.put(name, Buffer.concat([...read, tail]), options);
  }
  const upload = await store.startUpload(name, options);
  try {
    await sendParts(store, upload, objects, tail);
    return await upload.complete(options);
  } catch (error) {
    await upload.abort().catch(() => undefined);
    throw error;
  }
};

const sendParts = async (
  store: ObjectStore,
  upload: ObjectUpload,
  objects: readonly ObjectHead[],
  tail: Uint8Array,
): Promise<void> => {
  const { leastPartBytes = LEAST_PART_BYTES } = store;
  let number = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let copies: Promise<void>[] = [];
  const hold = async (object: ObjectHead, start: number, end: number): Promise<void> => {
    held.push(await bytesOf(store.read(object, { start, end })));
    heldBytes += end - start;
  };
  const send = async (): Promise<void> => {
    number += 1;
    const body = Buffer.concat(held);
    [held, heldBytes] = [[], 0];
    await upload.part(number, body);
  };
  for (const object of objects) {
    let at = 0;
    if (heldBytes > 0) {
      at = Math.min(leastPartBytes - heldBytes, object.size);
      if (at > 0) await hold(object, 0, at);
      if (heldBytes >= leastPartBytes) await send();
    }
    const { size } = object;
    if (size - at >= leastPartBytes) {
      number += 1;
      const copy = upload.copy(number, object, { start: at, end: size });
      // It is awaited later: a failure before that must not end the process.
      copy.catch(() => undefined);
      copies.push(copy);
      if (copies.length < COPIES) continue;
      await Promise.all(copies);
      copies = [];
    } else if (size > at) await hold(object, at, size);
  }
  await Promise.all(copies);
  held.push(tail);
  heldBytes += tail.length;
  if (heldBytes > 0) await send();
};
