import { errorName, ModelError, TransientError } from '../../../errors.ts';
import {
  ObjectError,
  type ObjectHead,
  type ObjectName,
  type ObjectStore,
} from '../../../pipeline/objects/object-store.ts';
import { bytesOf } from '../../../pipeline/objects/stored-json.ts';

/** Codes that an operator has to act on. */
const LASTING: ReadonlySet<string> = new Set(['access-denied', 'no-such-bucket', 'wrong-region', 'no-space']);

/**
 * A small object as a whole.
 *
 * @param known the etag of what is known of it already
 * @returns undefined where there is none; without content where it is what is known
 * @throws TransientError where it cannot be read now; ModelError where it is larger than it may be
 */
export const readSmall = async (
  store: ObjectStore,
  name: ObjectName,
  maxBytes: number,
  known?: string,
): Promise<(ObjectHead & { readonly content?: Buffer }) | undefined> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const head = await store.head(name);
      if (head.etag === known) return head;
      if (head.size > maxBytes) {
        throw new ModelError(`${urlOf(name)} has ${head.size} bytes; at most ${maxBytes} can be right`);
      }
      return { ...head, content: await bytesOf(store.read(head)) };
    } catch (cause) {
      const code = cause instanceof ObjectError ? cause.code : undefined;
      if (code === 'not-found') return undefined;
      if (code !== 'replaced' || attempt === 2) throw readFault(cause, name);
    }
  }
};

/** What it means for who waits for a model that an object cannot be read. */
export const readFault = (cause: unknown, name: ObjectName): unknown => {
  if (cause instanceof ModelError || cause instanceof TransientError) return cause;
  const code = cause instanceof ObjectError ? cause.code : undefined;
  // Who may list only a prefix gets no 404.
  const hint = code === 'access-denied' ? ' (S3 also says so of an object that is not there)' : '';
  const reason = cause instanceof ObjectError ? `${cause.message}${hint}` : errorName(cause);
  const isLasting = code !== undefined && LASTING.has(code);
  return new TransientError(`${urlOf(name)} cannot be read: ${reason}`, { cause, isLasting });
};

export const urlOf = ({ bucket, key }: ObjectName): string => `s3://${bucket}/${key}`;
