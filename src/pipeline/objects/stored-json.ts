import { ObjectError, type ObjectHead, type ObjectName, type ObjectStore } from './object-store.ts';

/** An object as it is now; undefined where there is none. */
export const headOf = async (store: ObjectStore, name: ObjectName): Promise<ObjectHead | undefined> => {
  try {
    return await store.head(name);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

/** The JSON of an object; undefined where there is none. */
export const jsonOf = async (store: ObjectStore, name: ObjectName): Promise<unknown> => {
  const head = await headOf(store, name);
  if (head === undefined) return undefined;
  try {
    return JSON.parse((await bytesOf(store.read(head))).toString()) as unknown;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

export const bytesOf = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const read: Uint8Array[] = [];
  for await (const bytes of source) read.push(bytes);
  return Buffer.concat(read);
};

/** The bytes of an object as it is now. @throws ObjectError (`not-found`, …) */
export const contentOf = async (store: ObjectStore, name: ObjectName): Promise<Buffer> =>
  bytesOf(store.read(await store.head(name)));

/** Whether an object, or the version that was asked for, does not exist any more. */
export const isGone = (error: unknown): error is ObjectError =>
  error instanceof ObjectError && (error.code === 'not-found' || error.code === 'replaced');
