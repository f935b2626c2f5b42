import { InferenceSession } from 'onnxruntime-node';
import { ModelError } from '../errors.ts';
import { checkFile } from './checked-file.ts';
import { hasVnni } from './cpu-features.ts';

export interface OnnxOptions {
  /** Threads within an operator; 1 for one vCPU. */
  readonly threads?: number;
}

/**
 * Opens an ONNX graph whose content is as expected.
 *
 * @param sha256 of the file, hexadecimal
 * @throws ModelError that names the file and what is wrong with it
 */
export const openSession = async (
  file: string,
  sha256: string,
  options?: OnnxOptions,
): Promise<InferenceSession> => {
  checkFile(file, sha256);
  return createSession(file, options);
};

/**
 * Opens an ONNX graph whose content has been looked at.
 *
 * @throws ModelError that names the file and what ONNX Runtime says of it
 */
export const createSession = async (
  file: string,
  { threads = 1 }: OnnxOptions = {},
): Promise<InferenceSession> => {
  try {
    return await InferenceSession.create(file, sessionOptions(threads));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(`${file} is not a graph that ONNX Runtime can run: ${reason}`, { cause });
  }
};

const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  // An arena keeps what one long text once took, and is no faster.
  enableCpuMemArena: false,
  // Shapes vary with every batch: a pattern would be planned anew each time.
  enableMemPattern: false,
  extra: {
    session: {
      // Without it int8 saturates on CPUs that lack VNNI and gives other labels; Lambda promises no CPU model. Where
      // there is VNNI it would change no score, and with AMX it takes twice the time.
      x64quantprecision: hasVnni() ? '0' : '1',
      set_denormal_as_zero: '1',
      intra_op: { allow_spinning: threads === 1 ? '0' : '1' },
    },
  },
});
