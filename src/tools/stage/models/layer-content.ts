import { GetLayerVersionCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { readZipDirectory } from '../../build/zip-directory.ts';
import { UserError } from '../../user-error.ts';
import { must } from '../../../errors.ts';

/** The manifest of a model in a models layer, by which the model is found. */
const MANIFEST = /^models\/([\w.-]+)\/([\w.-]+)\/model\.json$/;

const TIMEOUT_MS = 30_000;

/**
 * The models in a version of the models layer, from the directory of its archive: only some KB of it are downloaded,
 * however large it is.
 *
 * @returns `name@version` of each, sorted
 * @throws UserError where it cannot be downloaded
 */
export const modelsInLayer = async (
  lambda: LambdaClient,
  layerName: string,
  version: number,
): Promise<readonly string[]> => {
  const { Content } = await lambda.send(
    new GetLayerVersionCommand({ LayerName: layerName, VersionNumber: version }),
  );
  try {
    const size = must(Content?.CodeSize, 'CodeSize of a layer');
    const entries = await readZipDirectory(size, rangesOf(must(Content?.Location, 'Location of a layer')));
    return entries
      .flatMap(({ name }) => {
        const [, model, of] = MANIFEST.exec(name) ?? [];
        return model === undefined ? [] : [`${model}@${of}`];
      })
      .toSorted();
  } catch (cause) {
    throw new UserError(
      `Version ${version} of the layer ${layerName} has more models than its description can name, and its archive ` +
        `cannot be read: ${reasonOf(cause)}. Nothing was changed. It is downloaded from S3, which should be reachable.`,
      { cause },
    );
  }
};

const rangesOf =
  (url: string) =>
  async (from: number, to: number): Promise<Buffer> => {
    const response = await fetch(url, {
      headers: { range: `bytes=${from}-${to - 1}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    const content = Buffer.from(await response.arrayBuffer());
    // A server without support for ranges sends the whole archive.
    return response.status === 206 ? content : content.subarray(from, to);
  };

/** The error of `fetch` only says that it failed; its cause has the reason. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
};
