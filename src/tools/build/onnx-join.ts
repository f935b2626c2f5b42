import { type Field, fieldsOf } from '../../protobuf.ts';

/**
 * Joins a chain of ONNX graphs into one graph. A model is a protobuf message, and a graph in it is lists of nodes,
 * constants, inputs and outputs: where no name is used twice, the joined graph is those lists one after the other,
 * without the inputs and outputs between the steps. Bytes are copied unchanged, so no part of a graph can be lost.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding/
 */

/** Field numbers in onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, opsetImport: 8, trainingInfo: 20, functions: 25 };
const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
};
const NODE = { input: 1, output: 2, name: 3 };
const TENSOR_NAME = 8;
const VALUE_NAME = 1;

/**
 * Joins models into one model that runs them one after the other.
 *
 * @param models serialised ONNX models, in the order of the chain
 * @returns the joined model, or undefined where they cannot be joined: other versions of ONNX or operators, a name used
 * in two of them, or other than one value from each to the next
 */
export const joinModels = (models: readonly Buffer[]): Buffer | undefined => {
  const parts = models.map((model) => fields(model));
  const versions = parts.map((part) => versionsOf(part));
  const graphs = parts.map((part) => graphOf(part));
  const [first] = parts;
  const unusual = parts
    .flat()
    .some(({ number }) => number === MODEL.trainingInfo || number === MODEL.functions);
  if (first === undefined || unusual || versions.some((version) => version !== versions[0])) return undefined;
  if (!areLinked(graphs) || !areDisjoint(graphs)) return undefined;

  const joined = graphs.flatMap((graph, index) =>
    graph.filter(({ number }) => {
      if (number === GRAPH.input || number === GRAPH.name) return index === 0;
      return number !== GRAPH.output || index === graphs.length - 1;
    }),
  );
  const content = Buffer.concat(joined.map(({ bytes }) => bytes));
  const kept = first.filter(({ number }) => number === MODEL.irVersion || number === MODEL.opsetImport);
  return Buffer.concat([
    ...kept.map(({ bytes }) => bytes),
    varint((MODEL.graph << 3) | 2),
    varint(content.length),
    content,
  ]);
};

/** A model's graph. */
const graphOf = (model: readonly Field[]): readonly Field[] => {
  const graph = model.find(({ number }) => number === MODEL.graph);
  return graph === undefined ? [] : fields(contentOf(graph));
};

/** ONNX's version and the operators' versions, comparable as a string. */
const versionsOf = (model: readonly Field[]): string =>
  model
    .filter(({ number }) => number === MODEL.irVersion || number === MODEL.opsetImport)
    .map(({ bytes }) => bytes.toString('hex'))
    .sort()
    .join();

const namesIn = (graph: readonly Field[], number: number, nameNumber: number): readonly string[] =>
  graph
    .filter((field) => field.number === number)
    .flatMap((field) => fields(contentOf(field)))
    .filter((field) => field.number === nameNumber)
    .map((field) => contentOf(field).toString());

const areLinked = (graphs: readonly (readonly Field[])[]): boolean =>
  graphs.slice(1).every((graph, index) => {
    const given = namesIn(graphs[index] ?? [], GRAPH.output, VALUE_NAME);
    const taken = namesIn(graph, GRAPH.input, VALUE_NAME);
    return given.length === 1 && taken.length === 1 && given[0] === taken[0];
  });

const areDisjoint = (graphs: readonly (readonly Field[])[]): boolean => {
  const values = graphs.flatMap((graph, index) => [
    ...new Set([
      ...namesIn(graph, GRAPH.node, NODE.output),
      ...namesIn(graph, GRAPH.initializer, TENSOR_NAME),
      ...(index === 0 ? namesIn(graph, GRAPH.input, VALUE_NAME) : []),
    ]),
  ]);
  const nodes = graphs
    .flatMap((graph) => namesIn(graph, GRAPH.node, NODE.name))
    .filter((name) => name !== '');
  const simple = graphs.flat().every(({ number }) => number !== GRAPH.sparseInitializer);
  return simple && new Set(values).size === values.length && new Set(nodes).size === nodes.length;
};

/** The fields of a serialised message, in its order. @throws RangeError where it is truncated */
const fields = (message: Buffer): readonly Field[] => [...fieldsOf(message)];

/** The bytes of a field that is a string or a message. */
const contentOf = ({ number, value }: Field): Buffer => {
  if (typeof value === 'number') throw new RangeError(`field ${number} is a number`);
  return value;
};

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
};
