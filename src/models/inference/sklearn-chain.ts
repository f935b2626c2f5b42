import { join } from 'node:path';
import { ModelError } from '../../errors.ts';
import { openSession } from './onnx.ts';
import { type InferenceSession, type Tensor } from './onnxruntime.ts';

/** Graphs that run one after the other. */
export interface Chain {
  /** skl2onnx exports a column of strings as [N, 1]; other graphs take [N]. */
  readonly takesColumn: boolean;
  /** @returns the output of the last */
  run(tensor: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

/** The fields of a manifest for graphs. */
interface ChainFiles {
  readonly steps: readonly { readonly file: string; readonly sha256: string }[];
  /** The output of the last that holds the scores. */
  readonly output: string;
}

/** A graph, its input from the previous graph and its output for the next one. */
interface Link {
  readonly session: InferenceSession;
  readonly input: string;
  readonly output: string;
}

/** The input of the first graph, in words for messages. */
const FIRST = { string: 'strings', float32: 'numbers (float32), the counts of the vectorizers' } as const;

/**
 * Opens the graphs of a manifest.
 *
 * @param takes the input of the first one
 * @throws ModelError where a file is missing or corrupt, or the graphs do not fit each other or the manifest
 */
export const openChain = async (
  folder: string,
  { steps, output }: ChainFiles,
  takes: keyof typeof FIRST,
): Promise<Chain> => {
  const sessions = await Promise.all(
    steps.map(({ file, sha256 }) => openSession(join(folder, file), sha256)),
  );
  const links = sessions.map((session, index): Link => {
    const file = join(folder, steps[index]?.file ?? '');
    const [input, ...others] = session.inputMetadata;
    if (input === undefined || others.length > 0 || !input.isTensor) {
      throw new ModelError(
        `${file} should take one tensor, but takes: ${session.inputNames.join(', ') || 'none'}`,
      );
    }
    if (index === 0 && input.type !== takes) {
      throw new ModelError(
        `${file} is the first step and should take ${FIRST[takes]}, but takes ${input.type}`,
      );
    }
    const next = sessions[index + 1];
    return { session, input: input.name, output: outputOf(file, session, next?.inputNames[0], output) };
  });
  const first = sessions[0]?.inputMetadata[0];
  return {
    takesColumn: first?.isTensor === true && first.shape.length === 2,
    run: (tensor) => runLinks(links, tensor),
    release: async () => {
      await Promise.all(sessions.map((session) => session.release()));
    },
  };
};

/** @param taken the input of the next graph, or undefined for the last graph, which has the scores as output */
const outputOf = (
  file: string,
  { outputNames }: InferenceSession,
  taken: string | undefined,
  scores: string,
): string => {
  const wanted = taken ?? scores;
  const only = taken !== undefined && outputNames.length === 1 ? outputNames[0] : undefined;
  const given = outputNames.includes(wanted) ? wanted : only;
  if (given !== undefined) return given;
  throw new ModelError(`${file} should have an output ${wanted}, but has: ${outputNames.join(', ')}`);
};

const runLinks = async (links: readonly Link[], first: Tensor): Promise<Tensor> => {
  let tensor = first;
  for (const { session, input, output } of links) {
    const results = await session.run({ [input]: tensor }, [output]);
    const result = results[output];
    if (result === undefined) throw new Error(`no output ${output}`);
    tensor = result;
  }
  return tensor;
};
