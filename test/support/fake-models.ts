import { PermanentError } from '../../src/errors.ts';
import { type ModelFolder, modelId, toModel } from '../../src/models/folder/model-folder.ts';
import type { LoadedModel } from '../../src/models/loaded-model.ts';
import type { LabelPrediction } from '../../src/tasks/label-scores.ts';
import type { TextInput } from '../../src/tasks/text-classification.ts';

export interface FakeModel {
  readonly name: string;
  readonly version?: string;
  readonly attribute?: string;
  readonly task?: string;
  readonly labels?: readonly string[];
  /** Makes it a cascade. */
  readonly stages?: readonly { readonly model: string; readonly threshold?: number }[];
}

/** Model folders that are nowhere: their manifests, checked by nobody. */
export const fakeFolders = (models: readonly FakeModel[]): readonly ModelFolder[] =>
  models.map(
    ({
      name,
      version = '1',
      attribute = 'label',
      task = 'text-classification',
      labels = ['x', 'y'],
      stages,
    }) => ({
      folder: `/fake/${name}/${version}`,
      manifest: {
        ...{ name, version, attribute, task },
        ...(stages === undefined
          ? {
              format: 'sklearn',
              labels,
              steps: [],
              output: 'probabilities',
              activation: 'none',
              whitespace: 'keep',
            }
          : { format: 'cascade', stages }),
      },
    }),
  );

/** A loader of models that answer at once, and what it was asked to do. */
export const fakeLoader = (
  say: (id: string, text: TextInput) => LabelPrediction = (id) => ({ labels: [{ label: id, score: 1 }] }),
) => {
  const loads: string[] = [];
  const released: string[] = [];
  const asked: string[] = [];
  /** Errors of the next loads. */
  const failures: Error[] = [];
  const load = async ({ manifest }: ModelFolder): Promise<LoadedModel> => {
    const id = modelId(manifest);
    loads.push(id);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return {
      ...toModel({ manifest }),
      classify: async (texts) => {
        for (const text of texts as readonly TextInput[])
          asked.push(`${id} ${typeof text === 'string' ? text : text.text}`);
        return (texts as readonly TextInput[]).map((text) => say(id, text));
      },
      release: async () => {
        released.push(id);
      },
    };
  };
  return { load, loads, released, asked, failures };
};

/** An error for one text. */
export const refused = (): LabelPrediction => ({ error: new PermanentError('inference-failed', 'no') });
