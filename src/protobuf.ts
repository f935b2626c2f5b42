/**
 * The wire format of Protocol Buffers, read only: enough for one small message, in place of a library of 3 MB.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

/** A field of a message: its number, the varint or the bytes that it holds, and its own bytes in the message. */
export interface Field {
  readonly number: number;
  readonly value: number | Buffer;
  readonly bytes: Buffer;
}

/**
 * The fields of a message, in their order. Bytes are views into the message.
 *
 * @throws RangeError where the message is truncated or has a field of a type that is no longer in use
 */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let offset = 0;

  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = message[offset++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint has no end');
  };
  const bytes = (length: number): Buffer => {
    if (length > message.length - offset) throw new RangeError('a field is longer than its message');
    offset += length;
    return message.subarray(offset - length, offset);
  };

  const valueOf = (type: number): number | Buffer => {
    if (type === 0) return varint();
    if (type === 1) return bytes(8);
    if (type === 2) return bytes(varint());
    if (type === 5) return bytes(4);
    throw new RangeError(`a field is of the unknown type ${type}`);
  };
  while (offset < message.length) {
    const start = offset;
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    const value = valueOf(type);
    yield { number, value, bytes: message.subarray(start, offset) };
  }
}
