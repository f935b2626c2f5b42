import { ModelError } from '../../errors.ts';
import type { Task } from '../../tasks/task.ts';
import type { GraphSession } from './session-pool.ts';
import { type Input, INPUT_NAMES, isInputName, type Padding, tensors } from './tensors.ts';
import type { Encoding } from '../tokenizer/tokenizer.ts';

/** Runs a graph on a batch. @returns for each text its row of each output, in the order of the task's outputs */
export type Scorer = (encodings: readonly Encoding[]) => Promise<readonly (readonly Float32Array[])[]>;

export interface ScorerOptions {
  readonly task: Pick<Task, 'name' | 'outputs' | 'isForAnother'>;
  /** The output that the manifest names; else those that the task reads, else the only output. */
  readonly output: string | undefined;
  /** The columns of the outputs: the number of labels, or one for each token of the batch's longest text. */
  readonly columns: number | 'tokens';
  readonly padding: Padding;
}

/** The inputs of a graph and the outputs that have its scores. */
interface Scoring {
  readonly inputs: readonly Input[];
  readonly outputs: readonly string[];
}

/**
 * Makes a function that gets scores from a transformer's graph.
 *
 * @param file of the graph, for errors
 * @throws ModelError where the graph has an unknown input, or no output of scores; the scorer throws it where there are
 *   not as many scores as labels
 */
export const scorer = (
  file: string,
  session: GraphSession,
  { task, output: wanted, columns: given, padding }: ScorerOptions,
): Scorer => {
  const { inputs, outputs } = scoring(file, session, task, wanted);
  return async (encodings) => {
    const results = await session.run(tensors(encodings, inputs, padding), outputs);
    const columns =
      given === 'tokens' ? encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0) : given;
    const all = outputs.map((output) => {
      const { data, dims } = results[output] ?? { data: [], dims: [] };
      const isExpected = dims.length === 2 && dims[0] === encodings.length && dims[1] === columns;
      if (isExpected && data instanceof Float32Array) return data;
      throw new ModelError(
        `${file}: output ${output} is ${dims.join(' × ')}, expected float32 ${encodings.length} × ${columns}, a column per ${given === 'tokens' ? 'token' : 'label; are the labels and the graph of one model?'}`,
      );
    });
    return encodings.map(({ ids }, row) => {
      // Of a run that was padded, the columns of its own tokens.
      const [length, before] =
        given === 'tokens' ? [ids.length, padding.side === 'left' ? columns - ids.length : 0] : [columns, 0];
      const start = row * columns + before;
      return all.map((data) => data.subarray(start, start + length));
    });
  };
};

const scoring = (
  file: string,
  session: GraphSession,
  task: ScorerOptions['task'],
  output?: string,
): Scoring => {
  const inputs = session.inputMetadata.map((input): Input => {
    const { name } = input;
    const type = input.isTensor ? input.type : 'no tensor';
    if (type === 'string') {
      throw new ModelError(
        `${file} takes strings (${name}), so it is no transformer; give its format as sklearn`,
      );
    }
    if (!isInputName(name)) {
      throw new ModelError(
        `${file} takes an input ${name}, which a text does not give; given are ${INPUT_NAMES.join(', ')}`,
      );
    }
    if (type === 'int64' || type === 'int32') return { name, type };
    throw new ModelError(`${file} takes ${name} as ${type}; export it as int64 or int32`);
  });
  if (!inputs.some(({ name }) => name === 'input_ids')) {
    throw new ModelError(`${file} takes no input_ids, so it is no transformer that reads tokens`);
  }
  const { outputNames } = session;
  const foreign = output === undefined ? task.isForAnother(outputNames) : undefined;
  if (foreign !== undefined) throw new ModelError(`${file} ${foreign}; this task is ${task.name}`);
  const wanted = output === undefined ? task.outputs : [output];
  if (wanted.every((name) => outputNames.includes(name))) return { inputs, outputs: wanted };
  const isOnly = output === undefined && outputNames.length === 1 && wanted.length === 1;
  if (isOnly) return { inputs, outputs: outputNames };
  throw new ModelError(
    `${file} should have an output ${wanted.join(' and ')}, but has: ${outputNames.join(', ')}; name one as output in model.json`,
  );
};
