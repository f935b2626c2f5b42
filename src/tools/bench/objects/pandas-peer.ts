import { transformer, type TransformerManifest } from '../../../models/formats/transformer.ts';
import { manifestOf } from '../../../models/formats/format.ts';
import type { ModelFolder } from '../../../models/folder/model-folder.ts';
import { transformerFiles } from '../../../models/folder/transformer-files.ts';
import { transformerSettings } from '../../../models/folder/transformer-settings.ts';
import { must } from '../../../errors.ts';
import type { BenchContext } from '../context.ts';
import type { Contender } from '../rounds.ts';

/** Padded tokens of a run: of those that the other comparisons try, the best for messages. */
const BUDGET = 512;

/**
 * A transformer over a file of JSON lines with pandas, ONNX Runtime and Rust tokenizers. What counts is what counts for
 * a batch: the start of its process, the load of the model, and the work from file to file.
 *
 * @returns undefined for other models, and where it is not to be had
 */
export const pandasPeer = async (
  { peers }: BenchContext,
  model: ModelFolder,
  input: string,
  output: string,
): Promise<Contender | undefined> => {
  if (model.manifest.format !== 'transformer') return undefined;
  const manifest = manifestOf<TransformerManifest>(model, transformer);
  const { labels, maxLength } = transformerSettings(model.folder, manifest);
  const { graph } = transformerFiles(model.folder, manifest, process.arch);
  // Installed before the first that counts.
  const first = await peers.start('python-onnx');
  if (first === undefined) return undefined;
  await first.stop();
  return async () => {
    const began = performance.now();
    const peer = must(await peers.start('python-onnx'), 'peer');
    try {
      await peer.ask({ do: 'load', folder: model.folder, graph, maxLength, labels });
      await peer.ask({ do: 'file', input, output, budget: BUDGET });
      return performance.now() - began;
    } finally {
      await peer.stop();
    }
  };
};
