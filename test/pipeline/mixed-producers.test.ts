import fc from 'fast-check';
import { sha256 } from '../../src/tasks/content-hash.ts';
import type { ItemChange } from '../../src/tools/emulators/aws/native-fan-out.ts';
import { base64, change } from '../support/records.ts';
import { LABEL_STORES } from '../../src/stores/label-stores.ts';
import { sendToTable } from '../support/table-in-memory.ts';

/** Before the arrival of the records, of whole microseconds. */
const T = 1_719_347_890_240_647;
const FUTURE = 4e15;

const timeless = (data: string, time?: unknown): string => {
  const { dynamodb, ...record } = JSON.parse(Buffer.from(data, 'base64').toString());
  const { ApproximateCreationDateTime: _, ApproximateCreationDateTimePrecision: __, ...rest } = dynamodb;
  const at = time === undefined ? {} : { ApproximateCreationDateTime: time };
  return base64(JSON.stringify({ ...record, dynamodb: { ...rest, ...at } }));
};
const changed = (text: string | undefined, other: Partial<ItemChange> = {}): string =>
  change('a', text, { eventName: 'MODIFY', ...other });
const removed = (other: Partial<ItemChange>): string =>
  changed(undefined, { eventName: 'REMOVE', newImage: undefined as never, ...other });

/** What may say something else of an item than its newest change, without being known to be older. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['plain JSON of an older text', base64('{"id":"a","text":"older"}')],
  ['plain JSON without a text', base64('{"id":"a"}')],
  ['plain JSON that is rejected', base64('{"id":"a","text":5}')],
  ['plain JSON of a model that is not there', base64('{"id":"a","text":"older","model_type":"nobody"}')],
  ['a change without a time', timeless(changed('older'))],
  ['a change without a time or a text', timeless(changed(undefined))],
  ['a change whose time is a string', timeless(changed('older'), '9999999999')],
  ['a change in the future', changed('older', { createdMicros: FUTURE })],
  ['a change in the future, without a text', changed(undefined, { createdMicros: FUTURE })],
  ['a removal without a time', timeless(removed({ createdMicros: T }))],
  ['a removal in the future', removed({ createdMicros: FUTURE })],
  ['a removal at the same time', removed({ createdMicros: T })],
  ['a change at the same time', changed('older', { createdMicros: T })],
  ['a removal in the same millisecond', removed({ createdMicros: T + 500, precision: 'MILLISECOND' })],
  ['a change in the same second', timeless(changed('older'), Math.floor(T / 1e6))],
  ['a later change that is rejected', changed('x'.repeat(101), { createdMicros: T + 5 })],
];

const item = { id: { S: 'a' }, text: { S: 'newest' } };
const newest = changed('newest', { createdMicros: T });

const labelOf = async (datas: readonly string[], store: (typeof LABEL_STORES)[number]) => {
  const { items, labels, kinds } = await sendToTable([item], datas, store);
  const hashes = store === 'labels-table' ? labels : items;
  return { kinds, labelled: hashes.some(({ label, label_hash: hash }) => label && hash?.S === HASH) };
};
const HASH = sha256('newest');

describe.each(LABEL_STORES)('an item whose newest change is in a batch with others of it, %s', (store) => {
  it.each(OTHERS)('gets its label: %s', async (_, other) => {
    for (const datas of [
      [other, newest],
      [newest, other],
      [other, newest, other],
    ])
      expect((await labelOf(datas, store)).labelled).toBe(true);
  });

  it.each([
    ['after its record arrived', FUTURE],
    ['in 1970, by a wrong unit', T / 1_000],
    ['in 1970', 0],
  ])('gets its label where the newest says that it was made %s', async (_, createdMicros) => {
    const datas = [changed('newest', { createdMicros }), changed('older', { createdMicros: T })];
    for (const batch of [datas, datas.toReversed()])
      expect((await labelOf(batch, store)).labelled).toBe(true);
  });

  it('gets its label, whatever the others are and in whatever order', async () => {
    const others = fc.array(fc.constantFrom(...OTHERS.map(([, data]) => data)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(others, fc.nat({ max: 6 }), async (datas, at) => {
        const { labelled, kinds } = await labelOf(datas.toSpliced(at, 0, newest), store);
        expect([labelled, kinds.includes('failed')]).toEqual([true, false]);
      }),
      { numRuns: 60 },
    );
  });
});
