/**
 * What an ONNX file says of itself, read from its bytes: ONNX Runtime does not tell a graph's operators, and its
 * weights are skipped, so that a large file costs next to nothing.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding/
 */
export interface OnnxFile {
  readonly operators: ReadonlySet<string>;
  /** Files that hold weights, relative to the graph's folder. */
  readonly dataFiles: readonly string[];
}

/** Field numbers in onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5 };
const NODE = { operator: 4, attribute: 5 };
const ATTRIBUTE_GRAPH = 6;
const TENSOR_EXTERNAL_DATA = 13;
const ENTRY = { key: 1, value: 2 };

/** @param content of an ONNX file; of anything else, whatever can be made of it */
export const readOnnxFile = (content: Buffer): OnnxFile => {
  const operators = new Set<string>();
  const dataFiles = new Set<string>();
  const readGraph = (graph: Buffer): void => {
    for (const node of parts(graph, GRAPH.node)) readNode(node);
    for (const tensor of parts(graph, GRAPH.initializer)) readTensor(tensor);
  };
  const readNode = (node: Buffer): void => {
    for (const operator of parts(node, NODE.operator)) operators.add(operator.toString());
    for (const attribute of parts(node, NODE.attribute))
      for (const graph of parts(attribute, ATTRIBUTE_GRAPH)) readGraph(graph);
  };
  const readTensor = (tensor: Buffer): void => {
    for (const entry of parts(tensor, TENSOR_EXTERNAL_DATA)) {
      const [key, value] = [ENTRY.key, ENTRY.value].map((number) => parts(entry, number).join(''));
      if (key === 'location' && value !== undefined) dataFiles.add(value);
    }
  };
  for (const graph of parts(content, MODEL_GRAPH)) readGraph(graph);
  return { operators, dataFiles: [...dataFiles] };
};

/** The strings or messages of one field of a serialised message. All else is stepped over. */
const parts = (message: Buffer, field: number): readonly Buffer[] => {
  const found: Buffer[] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; position < message.length; scale *= 128) {
      const byte = message[position++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  while (position < message.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) position += 8;
    else if (wireType === 5) position += 4;
    else {
      const length = varint();
      if (tag >>> 3 === field) found.push(message.subarray(position, position + length));
      position += length;
    }
  }
  return found;
};
