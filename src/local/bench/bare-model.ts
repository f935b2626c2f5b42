import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { directoryModels } from '../../models/directory-source.ts';
import { modelId } from '../../models/manifest.ts';
import { openSession } from '../../models/onnx.ts';
import type { BuiltFunction } from '../built-function.ts';

/** Runs the graphs of a model, one after the other, on a batch as it is. */
export const bareModel = async ({ environment }: BuiltFunction, id: string) => {
  const found = directoryModels(environment.MODELS_DIR ?? '').find(
    ({ manifest }) => modelId(manifest) === id,
  );
  if (found === undefined) throw new Error(`model ${id} is not there`);
  const { folder, manifest } = found;
  const sessions = await Promise.all(
    manifest.steps.map(({ file, sha256 }) => openSession(join(folder, file), sha256)),
  );
  return async (texts: readonly string[]): Promise<void> => {
    const shape = sessions[0]?.inputMetadata[0]?.isTensor ? sessions[0].inputMetadata[0].shape : [];
    let tensor = new Tensor('string', [...texts], shape.length === 2 ? [texts.length, 1] : [texts.length]);
    for (const [index, session] of sessions.entries()) {
      const output = index === sessions.length - 1 ? manifest.output : (session.outputNames[0] ?? '');
      const results = await session.run({ [session.inputNames[0] ?? '']: tensor }, [output]);
      tensor = results[output] as typeof tensor;
    }
  };
};
