import { PermanentError, TransientError } from '../../src/errors.ts';
import type { Model } from '../../src/tasks/model.ts';
import type { LabelStore } from '../../src/pipeline/destinations.ts';
import { answer, document, labelsWrite, labelWrite, MODEL } from '../support/documents.ts';
import { TONE } from '../../src/tools/chaos/histories/toy-models.ts';

/** A label as it was written; what a label may lack is undefined. */
export interface FoundLabel {
  readonly label: unknown;
  readonly error: unknown;
  readonly by: unknown;
  readonly truncated: unknown;
  readonly listed: unknown;
}

/** A store under test, with the table of items beside it. */
export interface StoreUnderTest {
  readonly store: LabelStore;
  putItem(id: string, text: string): Promise<void>;
  deleteItem(id: string): Promise<void>;
  /** The label of a model, the default one without, that a reader finds for the text that the item holds now. */
  found(id: string, model?: Model): Promise<FoundLabel | undefined>;
  /** The items that exist. */
  ids(): Promise<readonly string[]>;
  /** A store whose table does not exist. */
  readonly broken: LabelStore;
}

/** What every label store must do, whatever it writes to. */
export const describeLabelStore = (name: string, make: () => Promise<StoreUnderTest>): void => {
  describe(`label store ${name}`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await make();
    });

    const labelOf = async (id: string, model = MODEL) => (await subject.found(id, model))?.label;
    const put = (...writes: Parameters<LabelStore['put']>[0]) => subject.store.put(writes);

    it('writes the label of the text that an item holds', async () => {
      await subject.putItem('a', 'a text');
      expect(await put(labelWrite('a', 'a text', 'x'))).toEqual([{ kind: 'labelled' }]);
      expect(await labelOf('a')).toBe('x');
    });

    it('gives one result per write, in their order, for more writes than a call takes', async () => {
      const ids = Array.from({ length: 120 }, (_, index) => `item-${index}`);
      for (const id of ids) await subject.putItem(id, `text of ${id}`);
      const results = await put(...ids.map((id) => labelWrite(id, `text of ${id}`, `label of ${id}`)));
      expect(results).toEqual(ids.map(() => ({ kind: 'labelled' })));
      for (const id of ids) expect(await labelOf(id)).toBe(`label of ${id}`);
    });

    it('never gives an item the label of a text that it does not hold', async () => {
      await subject.putItem('a', 'new text');
      await put(labelWrite('a', 'old text', 'old'));
      expect(await labelOf('a')).toBeUndefined();
    });

    it('ends in the same state in whatever order labels of old and new texts arrive', async () => {
      await subject.putItem('a', 'new text');
      await put(labelWrite('a', 'new text', 'new'));
      await put(labelWrite('a', 'old text', 'old'));
      expect(await labelOf('a')).toBe('new');
    });

    it('labels a text that came back after another one', async () => {
      await subject.putItem('a', 'one');
      await put(labelWrite('a', 'one', '1'));
      await subject.putItem('a', 'two');
      await put(labelWrite('a', 'two', '2'));
      await subject.putItem('a', 'one');
      await put(labelWrite('a', 'one', '1'));
      expect(await labelOf('a')).toBe('1');
    });

    it('can be told the same twice', async () => {
      await subject.putItem('a', 'a text');
      await put(labelWrite('a', 'a text', 'x'));
      const [again] = await put(labelWrite('a', 'a text', 'x'));
      expect(['labelled', 'unchanged', 'superseded']).toContain(again?.kind);
      expect(await labelOf('a')).toBe('x');
    });

    it('writes anew for another version of the model', async () => {
      await subject.putItem('a', 'a text');
      await put(labelWrite('a', 'a text', 'x'));
      expect(await put(labelWrite('a', 'a text', 'y', { ...MODEL, id: 'toy@2' }))).toEqual([
        { kind: 'labelled' },
      ]);
    });

    it('writes the labels of several models in one write', async () => {
      await subject.putItem('a', 'a text');
      const both = labelsWrite('a', 'a text', [
        [MODEL, answer('x')],
        [TONE, answer('calm')],
      ]);
      expect(await put(both)).toEqual([{ kind: 'labelled' }]);
      expect([await labelOf('a'), await labelOf('a', TONE)]).toEqual(['x', 'calm']);
    });

    it('writes the label that is missing beside one that is there', async () => {
      await subject.putItem('a', 'a text');
      await put(labelsWrite('a', 'a text', [[TONE, answer('calm')]]));
      for (const kinds of [['labelled'], ['labelled', 'unchanged', 'superseded']]) {
        const [result] = await put(
          labelsWrite('a', 'a text', [
            [TONE, answer('calm')],
            [MODEL, answer('x')],
          ]),
        );
        expect(kinds).toContain(result?.kind);
      }
      await put(
        labelsWrite('a', 'a text', [[{ ...MODEL, id: 'mood@1', attribute: 'mood' }, answer('glad')]]),
      );
      expect([await labelOf('a'), await labelOf('a', TONE)]).toEqual(['x', 'calm']);
    });

    it('keeps what an answer says besides its first label, and nothing of it under another one', async () => {
      const listed = [
        { label: 'x', score: 0.75 },
        { label: 'y', score: 0.5 },
      ];
      await subject.putItem('a', 'one');
      await put(labelsWrite('a', 'one', [[MODEL, answer('x', { by: 'small@1', truncated: true, listed })]]));
      expect(await subject.found('a')).toMatchObject({ label: 'x', by: 'small@1', truncated: true, listed });
      await subject.putItem('a', 'two');
      await put(labelsWrite('a', 'two', [[MODEL, answer('y', { listed: [] })]]));
      expect(await subject.found('a')).toMatchObject({ label: 'y', listed: [] });
      await subject.putItem('a', 'three');
      await put(labelWrite('a', 'three', 'z'));
      const none = { by: undefined, truncated: undefined, listed: undefined };
      expect(await subject.found('a')).toMatchObject({ label: 'z', ...none });
    });

    it('keeps why there is no label of a text, until there is one', async () => {
      await subject.putItem('a', 'a text');
      const error = new PermanentError('bad-score', 'not a number');
      const { document: held } = labelWrite('a', 'a text', 'x');
      expect(await put({ document: held, labels: [{ model: MODEL, answer: { error } }] })).toEqual([
        { kind: 'labelled' },
      ]);
      expect(await subject.found('a')).toMatchObject({ label: undefined, error: 'bad-score' });
      await put(labelWrite('a', 'a text', 'x'));
      expect(await subject.found('a')).toMatchObject({ label: 'x', error: undefined });
    });

    it('never brings a deleted item back', async () => {
      await subject.putItem('a', 'a text');
      await subject.deleteItem('a');
      await put(labelWrite('a', 'a text', 'x'));
      expect(await subject.ids()).toEqual([]);
    });

    it.each(['', ' ', 'café ☕', '👩‍👩‍👧', 'a\u0000b', 'مرحبا', '"; DROP TABLE', 'x'.repeat(30_000)])(
      'takes any text (%#)',
      async (text) => {
        await subject.putItem('a', text);
        expect(await put(labelWrite('a', text, 'x'))).toEqual([{ kind: 'labelled' }]);
        expect(await labelOf('a')).toBe('x');
      },
    );

    it('has nothing to do for nothing', async () => {
      expect(await put()).toEqual([]);
    });

    it('says which writes failed and can be tried again, instead of throwing', async () => {
      const results = await subject.broken.put([labelWrite('a', 'a', 'x'), labelWrite('b', 'b', 'y')]);
      expect(results).toEqual([
        { kind: 'failed', error: expect.any(TransientError) },
        { kind: 'failed', error: expect.any(TransientError) },
      ]);
    });

    it('fails what is not done when time is up', async () => {
      await subject.putItem('a', 'a text');
      const results = await subject.store.put([labelWrite('a', 'a text', 'x')], {
        signal: AbortSignal.abort(),
      });
      expect(results).toEqual([{ kind: 'failed', error: expect.any(TransientError) }]);
    });

    it('does not mind documents of equal text', async () => {
      await subject.putItem('a', 'same');
      await subject.putItem('b', 'same');
      expect(document('a', 'same').hash).toBe(document('b', 'same').hash);
      await put(labelWrite('a', 'same', 'x'), labelWrite('b', 'same', 'x'));
      expect(await labelOf('b')).toBe('x');
    });
  });
};
