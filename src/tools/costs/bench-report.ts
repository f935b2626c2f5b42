import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { MEASURED, type MeasuredModel } from './measured.ts';
import { UserError } from '../user-error.ts';
import { parseJson } from '../parse-json.ts';

const benchReport = z.object({
  sections: z.array(
    z.object({
      id: z.string(),
      ratios: z.array(z.unknown()),
      rows: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});
const speeds = z.array(z.object({ model: z.string().min(1), function: z.number().positive() })).min(1);
const memories = z.array(z.object({ name: z.string(), value: z.number().positive() })).min(1);

/** Characters of the messages that `npm run bench` generates, on average. */
const BENCH_CHARACTERS = 60;

/**
 * The figures of a model that was measured, with or without its version.
 *
 * @throws UserError naming the models that have figures
 */
export const measuredModel = (name: string): MeasuredModel => {
  const measured = Object.hasOwn(MEASURED.models, name.split('@')[0] ?? '')
    ? MEASURED.models[name.split('@')[0] ?? '']
    : undefined;
  if (measured !== undefined) return measured;
  throw new UserError(
    `No figures of model ${name} found. Name one of ${Object.keys(MEASURED.models).join(', ')}, or measure yours: "npm run bench -- --model ${name} --report bench.json", then --report bench.json here.`,
  );
};

/**
 * The figures of a model in a report that `npm run bench -- --report` has written.
 *
 * @param wanted as `name` or `name@version`; may be left out where the report is of one model
 * @throws UserError where the file cannot be read, is not a report, or has no figures of the model
 */
export const readBenchReport = async (
  file: string,
  wanted: string | undefined,
): Promise<{ readonly model: string; readonly measured: MeasuredModel }> => {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  const sections = benchReport.safeParse(parseJson(source)).data?.sections;
  const section = (id: string) => sections?.find((one) => one.id === id);
  const speed = speeds.safeParse(section('function')?.rows);
  const memory = memories.safeParse(section('memory')?.ratios);
  if (!speed.success || !memory.success) {
    throw new UserError(
      `${file} is no report of npm run bench with its sections "function" and "lambda": write one with "npm run bench -- --report ${file}".`,
    );
  }
  const [only, ...others] = speed.data.filter(
    ({ model }) => wanted === undefined || model === wanted || model.startsWith(`${wanted}@`),
  );
  if (only === undefined || others.length > 0) {
    const models = speed.data.map(({ model }) => model).join(', ');
    throw new UserError(`${file} has figures of ${models}: name one of them with --model.`);
  }
  const memoryMB = memory.data.find(({ name }) => name === only.model)?.value;
  if (memoryMB === undefined) {
    throw new UserError(`${file} has no memory of ${only.model}: measure it with --only function,lambda.`);
  }
  return {
    model: only.model,
    measured: {
      recordsPerSecond: only.function,
      textCharacters: BENCH_CHARACTERS,
      memoryMB,
    },
  };
};
