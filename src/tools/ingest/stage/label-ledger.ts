import { must } from '../../../errors.ts';
import { rejectTally } from '../verify/rejects.ts';
import type { CheckedInput } from './checked-input.ts';
import type { itemFactory } from './items.ts';
import type { TextLabel, Wanted } from './label-lookup.ts';

/** Bytes of a sha256. */
const HASH = 32;

/** Numbers short texts from 1 on; 0 is no text. */
const numbering = () => {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  return {
    of: (text: string): number => {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      texts.push(text);
      const number = texts.length;
      numbers.set(text, number);
      return number;
    },
    /** Undefined for 0. */
    text: (number: number | undefined): string | undefined =>
      number ? must(texts[number - 1], `text of number ${number}`) : undefined,
    all: (): readonly string[] => texts,
  };
};

/**
 * The expected labels and those that were found, by the messages' positions: 41 bytes a message, so that
 * an ingest of a million fits into 41 MB.
 */
export const foundLabels = async (input: CheckedInput, expected: ReturnType<typeof itemFactory>) => {
  const hashes = Buffer.alloc(input.records * HASH);
  const isExpected = new Uint8Array(input.records);
  const labels = new Uint16Array(input.records);
  const scores = new Float32Array(input.records);
  const models = new Uint8Array(input.records);
  const stages = new Uint8Array(input.records);
  const labelNames = numbering();
  const modelNames = numbering();
  const stageNames = numbering();
  let source: { readonly attribute: string; readonly model: string } | undefined;
  const rejects = rejectTally();
  let rejectable = 0;
  let position = 0;
  for await (const message of input.read()) {
    const { document, code } = expected.at(position, message);
    if (code !== undefined) rejects.add(code);
    if (document === undefined) rejectable += 1;
    else {
      const [model] = document.models;
      source ??= model && { attribute: model.attribute, model: model.id };
      isExpected[position] = 1;
      hashes.write(document.hash, position * HASH, 'hex');
    }
    position += 1;
  }
  const wanted = (at: number): Wanted => {
    const keys = expected.keysAt(at);
    return {
      keys,
      name: expected.nameOf(keys),
      hash: hashes.toString('hex', at * HASH, (at + 1) * HASH),
    };
  };
  return {
    /** The attribute that labels are in, and the model that they are of: the first of several. */
    source: source ?? { attribute: 'label', model: '' },
    /** Messages that the function will reject: too long, for instance. */
    rejectable,
    /** Why, and how many for each reason. */
    rejects: rejects.counts(),
    wanted,
    isExpected: (at: number): boolean => isExpected[at] === 1,
    note: (at: number, found: TextLabel | undefined): void => {
      labels[at] = found === undefined ? 0 : labelNames.of(found.label);
      scores[at] = Number(found?.score);
      models[at] = found === undefined ? 0 : modelNames.of(found.model);
      stages[at] = found?.by === undefined ? 0 : stageNames.of(found.by);
    },
    at: (at: number): TextLabel | undefined => {
      const label = labelNames.text(labels[at]);
      if (label === undefined) return undefined;
      const model = must(modelNames.text(models[at]), 'model of a label');
      return { label, score: String(scores[at]), model, by: stageNames.text(stages[at]) };
    },
    models: (): readonly string[] => modelNames.all(),
  };
};
