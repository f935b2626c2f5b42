import { benchArticle } from './article.ts';
import { benchColdStart } from './cold-start.ts';
import type { BenchContext } from '../context.ts';
import { benchEnvironments } from './environments.ts';
import type { Section } from '../../report/section.ts';
import { benchFunction } from './function.ts';
import { benchGrowth } from './growth.ts';
import { benchSpeed } from './speed.ts';
import { benchTransformer } from './transformer.ts';
import { UserError } from '../../user-error.ts';

type Measure = (context: BenchContext) => Promise<readonly Section[] | Section | undefined>;

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
} satisfies Readonly<Record<string, Measure>>;

export const SECTIONS = Object.keys(measures) as readonly (keyof typeof measures)[];

/**
 * Measures one section after the other.
 *
 * @param only the names of some sections; all, unless given
 * @throws UserError where a name is not that of a section
 */
export const sections = async function* (
  context: BenchContext,
  only: readonly string[] = SECTIONS,
): AsyncGenerator<Section> {
  const unknown = only.filter((name) => !(name in measures));
  if (unknown.length > 0)
    throw new UserError(`section ${unknown.join(', ')} not found; available: ${SECTIONS.join(', ')}`);
  for (const name of SECTIONS.filter((known) => only.includes(known))) {
    const measure: Measure = measures[name];
    const found = await measure(context);
    if (found !== undefined) yield* [found].flat();
  }
};
