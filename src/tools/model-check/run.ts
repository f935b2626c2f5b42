import { userMessage } from '../user-message.ts';
import { mismatchLines } from '../stage/models/examples.ts';
import { InputError } from '../ingest/input/input-error.ts';
import { MAX_UNZIPPED_BYTES } from '../build/layer-size.ts';
import { type CheckedModel, MEMORY_TEXTS, openCheckBench } from './check-model.ts';
import { type Fact, factsSection, type Section } from '../report/section.ts';
import { reportJson } from '../report/json.ts';
import { listText } from '../report/terminal.ts';
import type { Speed } from './measure.ts';
import { readCheckTexts } from './texts.ts';

export interface CheckOptions {
  readonly input?: string;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  /** From 0 to 1. */
  readonly minAccuracy?: number;
  /** All models as one JSON, instead of a list as soon as each is checked. */
  readonly json?: boolean;
  /** Whether the speed is measured; true unless given. */
  readonly speed?: boolean;
}

const OK = 0;
const NOT_MET = 1;
const UNUSABLE = 2;

const NAME_WIDTH = 14;

/**
 * `npm run model -- check`: checks a model of `models/`, or all of them, locally and without an AWS account.
 *
 * @param name `name` or `name@version`
 * @returns the exit status: 1 where examples or accuracy are not met, 2 where a model cannot be used
 */
export const runCheck = async (
  root: string,
  name: string | undefined,
  { input, minAccuracy, json = false, speed = true, ...columns }: CheckOptions,
): Promise<number> => {
  requireInput(input, minAccuracy, columns);
  const texts = input === undefined ? { texts: [], labelled: [] } : await readCheckTexts(input, columns);
  const bench = await openCheckBench(root);
  const sections: Section[] = [];
  let status = OK;
  for (const id of bench.idsOf(name)) {
    try {
      const checked = await bench.check(id, texts, { speed });
      const section = checkedSection(checked, minAccuracy);
      sections.push(section);
      if (!json) console.log(listText(section, NAME_WIDTH));
      if (!isMet(checked, minAccuracy)) status = Math.max(status, NOT_MET);
    } catch (error) {
      // The other models are checked nevertheless.
      status = Math.max(status, unusable(error));
    }
  }
  if (json) console.log(reportJson(sections));
  return status;
};

/** Prints the message of an error that the user can fix; any other error is thrown. */
const unusable = (error: unknown): number => {
  const message = userMessage(error);
  if (message === undefined) throw error;
  console.error(message);
  return UNUSABLE;
};

const requireInput = (
  input: string | undefined,
  minAccuracy: number | undefined,
  { textColumn, labelColumn }: CheckOptions,
): void => {
  if (input === undefined && (textColumn !== undefined || labelColumn !== undefined))
    throw new InputError('--text-column and --label-column are columns of a file; name it with --input');
  if (minAccuracy !== undefined && labelColumn === undefined)
    throw new InputError('--min-accuracy needs labels; name a file with --input and its --label-column');
};

const isMet = ({ examples, accuracy }: CheckedModel, minAccuracy = 0): boolean =>
  (examples?.mismatches.length ?? 0) === 0 && (accuracy?.accuracy ?? 1) >= minAccuracy;

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });

const checkedSection = (checked: CheckedModel, minAccuracy: number | undefined): Section => {
  const { id, loadMs, bytes, memoryMB, speed } = checked;
  const share = percent.format(bytes / MAX_UNZIPPED_BYTES);
  return factsSection('model', id, [
    ['loads', `in ${whole.format(loadMs)} ms, with a first text`],
    ['examples', examplesText(checked)],
    ...accuracyRows(checked, minAccuracy),
    [
      'in the layer',
      `${whole.format(bytes)} bytes, ${share} of the 250 MB that function and layers may have`,
    ],
    ['memory', `${memoryMB} MB at most, of a function that loads it and classifies ${MEMORY_TEXTS} texts`],
    ...speedRows(speed),
  ]);
};

const speedRows = (speed: Speed | undefined): Fact[] =>
  speed === undefined
    ? []
    : [
        [
          'speed',
          `${number.format(speed.single)} texts/s one at a time, ${number.format(speed.hundred)} texts/s by the hundred`,
        ],
      ];

const examplesText = ({ examples }: CheckedModel): string => {
  if (examples === undefined) return 'none; `npm run model -- publish` needs an examples.json';
  const { count, mismatches } = examples;
  if (mismatches.length === 0) return `${count} as expected`;
  return [`${mismatches.length} of ${count} not as expected:`, ...mismatchLines(mismatches)].join('\n  ');
};

const accuracyRows = ({ accuracy }: CheckedModel, minAccuracy: number | undefined): Fact[] => {
  if (accuracy === undefined) return [];
  const isBelow = minAccuracy !== undefined && accuracy.accuracy < minAccuracy;
  const least = isBelow ? `, less than ${percent.format(minAccuracy)}` : '';
  const of = `of ${whole.format(accuracy.messages)} messages`;
  return [['accuracy', `${percent.format(accuracy.accuracy)} ${of}${least}`]];
};
