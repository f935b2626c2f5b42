import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { InferenceSession } from './onnxruntime.ts';
import { ModelError } from '../../errors.ts';
import { readGraph } from '../folder/graph-file.ts';
import { type GraphSession, openSessionPool } from './session-pool.ts';

/** Linux's names of the instructions that multiply 8-bit numbers and add them up in 32 bits. */
const VNNI = /^flags\s*:.*\b(avx512_vnni|avx_vnni)\b/m;

/**
 * Whether every product of int8 is exact on this CPU. Without VNNI, x64 adds two products in 16 bits, which overflow.
 * False where it is unknown.
 *
 * @param file Linux's description of the CPU
 */
export const hasVnni = (file = '/proc/cpuinfo'): boolean => {
  try {
    return VNNI.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
};

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Threads within an operator wait for each other many times in a micro-batch; see session-pool.ts.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  // An arena never releases the memory that one long text took, and makes graphs of few operators no faster.
  enableCpuMemArena: false,
  // Shapes vary with every batch: a memory pattern would be planned anew each time.
  enableMemPattern: false,
  extra: {
    session: {
      // Without it int8 saturates on CPUs that lack VNNI and gives other labels; Lambda guarantees no CPU model. With
      // VNNI it would change no score, and with AMX it takes twice the time.
      x64quantprecision: hasVnni() ? '0' : '1',
      set_denormal_as_zero: '1',
      intra_op: { allow_spinning: '0' },
    },
  },
};

/**
 * Opens an ONNX graph with the expected digest, whose weights are in its folder or below.
 *
 * @param sha256 of the file, hexadecimal
 * @throws ModelError that names the file and what is wrong with it
 */
export const openSession = async (file: string, sha256: string): Promise<InferenceSession> => {
  readGraph(dirname(file), basename(file), sha256);
  return opened(file, InferenceSession.create(file, SESSION_OPTIONS));
};

/** For a transformer, which makes some hundred tensors in each run, an arena saves 3 to 4 % of the time. */
const TRANSFORMER_OPTIONS: InferenceSession.SessionOptions = { ...SESSION_OPTIONS, enableCpuMemArena: true };

/**
 * Opens a transformer's graph, whose content was already checked.
 *
 * @param threads that run it side by side
 * @param ownThread whether a single one is another than this
 * @throws ModelError that names the file and ONNX Runtime's reason
 */
export const openTransformer = (
  file: string,
  threads: number,
  { ownThread = false } = {},
): Promise<GraphSession> =>
  opened(
    file,
    threads > 1 || ownThread
      ? openSessionPool(file, threads, TRANSFORMER_OPTIONS)
      : InferenceSession.create(file, TRANSFORMER_OPTIONS),
  );

const opened = async <Session>(file: string, opening: Promise<Session>): Promise<Session> => {
  try {
    return await opening;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError(`${file} is not a graph that ONNX Runtime can run: ${reason}`, { cause });
  }
};
