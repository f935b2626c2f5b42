const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
/** The maximum length of a comment after the end of the directory. */
const MAX_COMMENT_BYTES = 0xffff;
const CENTRAL_FILE_HEADER = 0x02014b50;
const HEADER_BYTES = 46;
/** A placeholder for a number that only the format for archives over 4 GB can hold. */
const TOO_LARGE = 0xffffffff;

export interface ZipEntry {
  readonly name: string;
  /** When unzipped. */
  readonly bytes: number;
}

/**
 * The files in a zip archive below 4 GB, from its directory, which is at its end: nothing else is read.
 *
 * @param size of the archive, in bytes
 * @param read gives the bytes from one position to another, which is not included
 * @throws Error where it is no zip archive
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.12 and 4.3.16
 */
export const readZipDirectory = async (
  size: number,
  read: (from: number, to: number) => Promise<Buffer>,
): Promise<readonly ZipEntry[]> => {
  if (size < END_BYTES) throw new Error('it is no zip archive');
  const tailFrom = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await read(tailFrom, size);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_CENTRAL_DIRECTORY) end -= 1;
  if (end < 0) throw new Error('it is no zip archive');
  const entries = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const from = tail.readUInt32LE(end + 16);
  if (from === TOO_LARGE) throw new Error('it is a zip archive of another format (ZIP64)');
  const isInTail = from >= tailFrom;
  const directory = isInTail ? tail.subarray(from - tailFrom) : await read(from, from + bytes);
  return entriesIn(directory, entries);
};

const entriesIn = (directory: Buffer, count: number): readonly ZipEntry[] => {
  const found: ZipEntry[] = [];
  let offset = 0;
  for (let entry = 0; entry < count; entry += 1) {
    const isHeader =
      offset + HEADER_BYTES <= directory.length && directory.readUInt32LE(offset) === CENTRAL_FILE_HEADER;
    if (!isHeader) throw new Error('its directory is broken');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) =>
      directory.readUInt16LE(offset + at),
    ) as [number, number, number];
    const nameFrom = offset + HEADER_BYTES;
    found.push({
      name: directory.toString('utf8', nameFrom, nameFrom + nameBytes),
      bytes: directory.readUInt32LE(offset + 24),
    });
    offset = nameFrom + nameBytes + extraBytes + commentBytes;
  }
  return found;
};
