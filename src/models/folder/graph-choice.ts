import { ModelError } from '../../errors.ts';
import { graphFiles } from './folder-format.ts';
import type { ManifestSettings } from './transformer-settings.ts';

/** Names that Optimum and sentence-transformers give, less `.onnx`; the ones made for a CPU before those for any. */
const QUANTIZED_FOR: Readonly<Record<string, readonly string[]>> = {
  x64: ['model_qint8_avx512_vnni', 'model_qint8_avx512', 'model_quint8_avx2'],
  arm64: ['model_qint8_arm64'],
};
const QUANTIZED = ['model_quantized', 'model_int8', 'model_uint8'];
const FULL = ['model_optimized', 'model_O3', 'model_O2', 'model_O1', 'model'];

/**
 * The graph to run on a CPU, as a path relative to the folder: the one that the manifest names, or else of those in
 * the folder (or its `onnx/`) the first of: int8 made for this CPU, int8 for any, optimised, plain, int8 made for
 * another CPU (it runs, but slower); or the only one there is. Half precision and 4 bits (`model_fp16`, `model_q4`) are
 * slower on a CPU and run only where the manifest names them or there is nothing else.
 *
 * @param cpu as `process.arch` names it
 * @throws ModelError where there is no such graph, or several of unknown names
 */
export const chooseGraph = (
  folder: string,
  { graph }: Pick<ManifestSettings, 'graph'>,
  cpu: string,
): string => {
  if (typeof graph === 'string') return graph;
  if (graph !== undefined) {
    const named = new Map(Object.entries(graph)).get(cpu);
    if (named !== undefined) return named;
    throw new ModelError(`${folder}: model.json names no graph for ${cpu}; add it under graph`);
  }
  const files = graphFiles(folder);
  const others = Object.keys(QUANTIZED_FOR).filter((other) => other !== cpu);
  const preferred = [cpu, ...others].map((name) => QUANTIZED_FOR[name] ?? []);
  const [own = [], ...foreign] = preferred;
  const found = [...own, ...QUANTIZED, ...FULL, ...foreign.flat()]
    .map((name) => files.find((file) => file === `${name}.onnx` || file.endsWith(`/${name}.onnx`)))
    .find((file) => file !== undefined);
  if (found !== undefined) return found;
  const [only, ...more] = files;
  if (only === undefined) throw new ModelError(`${folder} holds no ONNX graph (model.onnx, onnx/model.onnx)`);
  if (more.length === 0) return only;
  throw new ModelError(
    `${folder} holds several graphs, none with a known name: ${files.join(', ')}; name one as graph in model.json`,
  );
};
