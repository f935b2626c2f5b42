import { ModelError } from '../../errors.ts';
import type { GraphSession } from './session-pool.ts';
import { type Input, INPUT_NAMES, isInputName, type Padding, tensors } from './tensors.ts';
import type { Encoding } from '../tokenizer/tokenizer.ts';

/** Runs a graph on a batch: one row of scores per text, one score per label. */
export type Scorer = (encodings: readonly Encoding[]) => Promise<readonly Float32Array[]>;

export interface ScorerOptions {
  /** The output that the manifest names; else it is `logits`, else the only one. */
  readonly output: string | undefined;
  /** How many labels there are. */
  readonly columns: number;
  readonly padding: Padding;
}

/** What a graph is fed with and where its scores come out. */
interface Scoring {
  readonly inputs: readonly Input[];
  readonly output: string;
}

/**
 * How to get scores from a transformer's graph.
 *
 * @param file of the graph, for errors
 * @throws ModelError where the graph takes what there is not, or gives no scores; so does the scorer, where the scores
 * are not as many as the labels
 */
export const scorer = (
  file: string,
  session: GraphSession,
  { output: wanted, columns, padding }: ScorerOptions,
): Scorer => {
  const { inputs, output } = scoring(file, session, wanted);
  return async (encodings) => {
    const results = await session.run(tensors(encodings, inputs, padding), [output]);
    const { data, dims } = results[output] ?? { data: [], dims: [] };
    const isExpected = dims.length === 2 && dims[0] === encodings.length && dims[1] === columns;
    if (!isExpected || !(data instanceof Float32Array)) {
      throw new ModelError(
        `${file}: output ${output} is ${dims.join(' × ')}, expected float32 ${encodings.length} × ${columns}, a column per label; are the labels and the graph of one model?`,
      );
    }
    return encodings.map((_, row) => data.subarray(row * columns, (row + 1) * columns));
  };
};

const scoring = (file: string, session: GraphSession, output?: string): Scoring => {
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
  if (output === undefined && outputNames.includes('start_logits') && outputNames.includes('end_logits')) {
    throw new ModelError(
      `${file} gives start_logits and end_logits, so it answers questions; this task is text-classification`,
    );
  }
  const wanted = output ?? 'logits';
  const only = output === undefined && outputNames.length === 1 ? outputNames[0] : undefined;
  const given = outputNames.includes(wanted) ? wanted : only;
  if (given !== undefined) return { inputs, output: given };
  throw new ModelError(
    `${file} should have an output ${wanted}, but has: ${outputNames.join(', ')}; name one as output in model.json`,
  );
};
