/** The most that are kept: an output has one that is filled, and one on its way. */
const MOST = 2;

/**
 * Buffers of parts that have been sent, for the next ones of this process. New ones for each part would be kept until
 * all of the heap is collected: memory would grow with the outputs.
 */
const free: Buffer[] = [];

/** A buffer of so many bytes, whatever they are. */
export const takeBuffer = (bytes: number): Buffer => {
  const index = free.findIndex(({ length }) => length === bytes);
  return free.splice(index, index < 0 ? 0 : 1)[0] ?? Buffer.allocUnsafeSlow(bytes);
};

/** Gives back a buffer that nobody reads any more. */
export const giveBuffer = (buffer: Buffer): void => {
  free.unshift(buffer);
  free.length = Math.min(free.length, MOST);
};
