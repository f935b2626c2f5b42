import { benchArticle } from './article.ts';
import { benchColdStart } from './cold-start.ts';
import { questionAnswering } from '../../../tasks/question-answering.ts';
import { textClassification } from '../../../tasks/text-classification.ts';
import type { BenchContext } from '../context.ts';
import { benchEngines } from './engines.ts';
import { benchEnvironments } from './environments.ts';
import type { Section } from '../../report/section.ts';
import { benchFunction } from './function.ts';
import { benchGrowth } from './growth.ts';
import { benchHttp } from './http.ts';
import { benchObjects } from './objects.ts';
import { benchObjectsMemory } from './objects-memory.ts';
import { benchPredict } from './predict.ts';
import { benchQuestions } from './questions.ts';
import { benchSpeed } from './speed.ts';
import { benchTransformer } from './transformer.ts';
import { UserError } from '../../user-error.ts';

/** All at once, or one section after the other. */
type Measure = (
  context: BenchContext,
) => Promise<readonly Section[] | Section | undefined> | AsyncIterable<Section>;

/** Growth comes first: it measures this process's memory. */
const measures = {
  growth: benchGrowth,
  speed: benchSpeed,
  function: benchFunction,
  transformer: async (context) => {
    const found: Section[] = [];
    for (const model of context.models)
      if (model.manifest.format === 'transformer') found.push(...(await benchTransformer(context, model)));
    return found;
  },
  article: benchArticle,
  lambda: benchEnvironments,
  'cold-start': benchColdStart,
  questions: benchQuestions,
} satisfies Readonly<Record<string, Measure>>;

/** Measured only where they are asked for by name. */
const extra = {
  engines: benchEngines,
  http: benchHttp,
  objects: benchObjects,
  'objects-memory': benchObjectsMemory,
  predict: benchPredict,
} satisfies Readonly<Record<string, Measure>>;

/** The task of the models that a section measures, where it is not that of messages. */
const TASKS: Readonly<Record<string, string>> = { questions: questionAnswering.name };

const all: Readonly<Record<string, Measure>> = { ...measures, ...extra };

/** The sections of a run that names none. */
const USUAL = Object.keys(measures);

export const SECTIONS: readonly string[] = Object.keys(all);

/**
 * Measures one section after the other, each for the models of its task.
 *
 * @param only the names of some sections; all that need not be asked for, unless given
 * @throws UserError where a name is not that of a section
 */
export const sections = async function* (
  context: BenchContext,
  only: readonly string[] = USUAL,
): AsyncGenerator<Section> {
  const unknown = only.filter((name) => !SECTIONS.includes(name));
  if (unknown.length > 0)
    throw new UserError(`section ${unknown.join(', ')} not found; available: ${SECTIONS.join(', ')}`);
  for (const [name, measure] of Object.entries(all)) {
    if (!only.includes(name)) continue;
    const task = TASKS[name] ?? textClassification.name;
    const models = context.models.filter(({ manifest }) => manifest.task === task);
    if (models.length === 0) continue;
    const measured = measure({ ...context, models });
    if (Symbol.asyncIterator in measured) {
      yield* measured;
      continue;
    }
    const found = await measured;
    if (found !== undefined) yield* [found].flat();
  }
};
