import { verifyLabels } from '../../../../src/tools/ingest/stage/verify-labels.ts';
import { toyModels } from '../../../support/fakes.ts';
import { document } from '../../../support/documents.ts';

const messages = [{ text: 'one', label: 'length-3' }, { text: 'four', label: 'length-3' }, { text: 'three' }];

describe('verifyLabels', () => {
  it('counts as the verification of an ingest does: by model, and by the models that a cascade asks', async () => {
    const found = [
      { label: 'length-3', score: '0.75', model: 'toy@1', by: 'small@1' },
      { label: 'length-4', score: '0.25', model: 'toy@1', by: 'large@1' },
      { label: 'anything', model: 'gone@1', by: undefined },
    ];
    const check = await verifyLabels(
      {
        read: async function* () {
          yield* messages;
        },
        at: (_, { text }) => ({ keys: {}, item: {}, document: document(text, text) }),
        found: (position) => found[position],
      },
      toyModels(),
    );
    expect(check).toEqual({
      wrong: 0,
      unchecked: 1,
      accuracy: 0.5,
      accuracyItems: 2,
      models: [
        { model: 'gone@1', items: 1 },
        {
          ...{ model: 'toy@1', items: 2, expected: 2, accuracy: 0.5 },
          ...{ by: { 'large@1': 1, 'small@1': 1 }, accuracyBy: { 'large@1': 0, 'small@1': 1 } },
        },
      ],
      quality: expect.objectContaining({ byLabel: [{ label: 'length-3', items: 2, right: 1 }] }),
      drift: [
        {
          ...{ model: 'toy@1', texts: 2, confidence: { mean: 0.5, below: 0.5, share: 0.5 } },
          ...{ reference: null, index: null, moved: [] },
        },
        { model: 'gone@1', texts: 1, reference: null, index: null, moved: [] },
      ],
      labels: expect.arrayContaining([{ label: 'length-4', items: 1 }]),
    });
  });
});
