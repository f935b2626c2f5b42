import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvFields } from '../../../src/pipeline/objects/formats/csv-fields.ts';
import { rowSplitter } from '../../../src/pipeline/objects/formats/splitters.ts';

const field = fc
  .array(fc.constantFrom('a', 'é', '"', ',', '\n', ' '), { maxLength: 6 })
  .map((parts) => parts.join(''));

/** A field as a table has it: quoted where it has to be, or anyway. */
const written = fc
  .tuple(field, fc.boolean())
  .map(([text, isQuoted]) => (isQuoted || /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));

test('rows and fields are those of csv-parse, however the bytes come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(written, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
      fc.array(fc.nat({ max: 20 })),
      (rows, sizes) => {
        const bytes = Buffer.from(rows.map((row) => row.join(',')).join('\n') + '\n');
        const splitter = rowSplitter(',');
        const ends: number[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          const piece = bytes.subarray(at, at + size);
          ends.push(...splitter.ends(piece).map((end) => at + end));
          at += piece.length;
        }
        const found = ends.map((end, index) =>
          csvFields(bytes.toString('utf8', ends[index - 1] ?? 0, end - 1), ','),
        );
        const expected: string[][] = parse(bytes, { relax_column_count: true });
        expect(found).toEqual(expected);
        expect(splitter.isQuoted()).toBe(false);
      },
    ),
  );
});
