import { ModelError } from '../../errors.ts';
import { fieldsOf } from '../../protobuf.ts';

/**
 * The operators and external weights of an ONNX file, read from its bytes, because ONNX Runtime does not list a graph's
 * operators. Weights are skipped, so that a large file takes little time.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export interface OnnxFile {
  readonly operators: ReadonlySet<string>;
  /** Files that hold weights, relative to the graph's folder, as the graph names them. */
  readonly dataFiles: ReadonlySet<string>;
}

/** The messages below a model that contain operators or tensors, by their field numbers in onnx.proto. */
const MESSAGES = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  node: { 4: 'operator', 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparseTensor', 23: 'sparseTensor' },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'externalData' },
  externalData: {},
  operator: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

type MessageName = keyof typeof MESSAGES;

const ENTRY = { key: 1, value: 2 };
/** The recursion limit of Protocol Buffers' own parsers. */
const MAX_DEPTH = 100;
const MAX_FIELD_NUMBER = 2 ** 29 - 1;

/**
 * @param file its path, for errors
 * @throws ModelError where the content is not that of an ONNX file
 */
export const readOnnxFile = (file: string, content: Buffer): OnnxFile => {
  const operators = new Set<string>();
  const dataFiles = new Set<string>();
  // ONNX Runtime decides by the name, too; such files have no external weights.
  if (/\.ort$/i.test(file)) return { operators, dataFiles };

  const read = (name: MessageName, message: Buffer, depth: number): void => {
    if (depth > MAX_DEPTH) throw new RangeError(`messages are nested deeper than ${MAX_DEPTH}`);
    if (name === 'operator') operators.add(message.toString());
    if (name === 'externalData') addLocation(message);
    const inner: Readonly<Record<number, MessageName>> = MESSAGES[name];
    if (Object.keys(inner).length === 0) return;
    for (const { number, value } of checkedFields(message)) {
      const innerName = inner[number];
      if (innerName !== undefined && typeof value !== 'number') read(innerName, value, depth + 1);
    }
  };
  const addLocation = (entry: Buffer): void => {
    if (textOf(entry, ENTRY.key) === 'location') dataFiles.add(textOf(entry, ENTRY.value));
  };
  try {
    read('model', content, 0);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const reason = content.subarray(0, LFS_POINTER.length).equals(LFS_POINTER)
      ? 'it is a pointer of Git LFS; fetch the file itself with `git lfs pull`'
      : `it is no ONNX file (${cause.message})`;
    throw new ModelError(`${file} is not a graph that ONNX Runtime can run: ${reason}`, { cause });
  }
  return { operators, dataFiles };
};

/** A string of a message. Where it is repeated, the last one counts. */
const textOf = (message: Buffer, number: number): string =>
  String([...checkedFields(message)].findLast((field) => field.number === number)?.value ?? '');

const LFS_POINTER = Buffer.from('version https://git-lfs');

/** Parsers treat larger field numbers differently: they are refused, so that nothing can be hidden in one. */
function* checkedFields(message: Buffer): ReturnType<typeof fieldsOf> {
  for (const field of fieldsOf(message)) {
    if (field.number > MAX_FIELD_NUMBER) throw new RangeError('a field has a number that is too large');
    yield field;
  }
}
