import { labelBatch } from '../../src/pipeline/label-batch.ts';
import { sha256 } from '../../src/tasks/content-hash.ts';
import { memoryLabels, memoryRejects, NO_DEADLINE, SETTINGS, toyModels } from '../support/fakes.ts';
import { change, streamRecords } from '../support/records.ts';

const TEXT = 'my card is lost';
const plain = { id: { S: 'a' }, text: { S: TEXT } };
const labelled = (text: string) => ({
  label: { S: 'there' },
  label_model: { S: 'other@7' },
  label_hash: { S: sha256(text) },
});

type Image = Readonly<Record<string, object>>;

const run = async (newImage: Image, oldImage: Image) => {
  const models = toyModels();
  const data = change('a', TEXT, { eventName: 'MODIFY', newImage: { ...plain, ...newImage }, oldImage });
  const parts = { models, labels: memoryLabels(), rejects: memoryRejects(), settings: SETTINGS };
  const { outcomes } = await labelBatch(streamRecords([data]), parts, NO_DEADLINE);
  return outcomes[0]?.kind;
};

describe('two versions of the function on one stream, each with a model of its own', () => {
  it("leaves the other's label alone when it comes back through the stream", async () => {
    expect(await run(labelled(TEXT), plain)).toBe('skipped');
  });

  it("labels anew where the item changes and still bears the other's label", async () => {
    const image = { ...plain, ...labelled(TEXT) };
    expect(await run({ ...labelled(TEXT), colour: { S: 'red' } }, image)).toBe('labelled');
  });

  it('labels a text that the label which comes with it is not of', async () => {
    expect(await run(labelled('another text'), plain)).toBe('labelled');
  });

  it('labels an item that names its model, whoever has labelled it', async () => {
    const named = { model_type: { S: toyModels().resolve()[0]?.id ?? '' } };
    expect(await run({ ...labelled(TEXT), ...named }, { ...plain, ...named })).toBe('labelled');
  });
});
