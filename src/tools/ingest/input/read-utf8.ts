import { createReadStream } from 'node:fs';
import { InputError } from './input-error.ts';

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';

const newlines = (text: string): number => text.split('\n').length - 1;

const fileError = (file: string, cause: unknown): InputError => {
  const code = codeOf(cause);
  const fault =
    code === 'ENOENT' ? 'file not found; check the path' : `cannot be read (${code}); name a readable file`;
  return new InputError(fault, { file }, { cause });
};

export interface ReadOptions {
  /** Receives the number of further bytes of the file that were read. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/**
 * The text of a UTF-8 file, chunk by chunk as it is read (64 KiB), without a byte order mark.
 *
 * @throws InputError when the file is missing, cannot be read or is not UTF-8.
 */
export async function* readUtf8(file: string, { onRead }: ReadOptions = {}): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      const [good = ''] = new TextDecoder().decode(bytes).split('\uFFFD', 1);
      throw new InputError(
        'not UTF-8; save the file as UTF-8',
        { file, line: line + newlines(good) },
        { cause },
      );
    }
  };
  const chunks: AsyncIterator<Uint8Array> = createReadStream(file)[Symbol.asyncIterator]();
  const next = () => chunks.next().catch((cause: unknown) => Promise.reject(fileError(file, cause)));
  try {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) {
      const text = decode(chunk.value);
      onRead?.(chunk.value.length);
      line += newlines(text);
      yield text;
    }
    yield decode();
  } finally {
    await chunks.return?.();
  }
}
