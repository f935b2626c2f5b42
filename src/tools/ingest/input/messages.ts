import { InputError } from './input-error.ts';
import { CLOSINGS, MISSPELLINGS, OPENINGS, SLOTS } from './message-slots.ts';
import { TEMPLATES } from './message-templates.ts';
import { seededRandom } from '../../random.ts';
import { permutation } from './permutation.ts';

export interface GeneratorOptions {
  /** 32 bits; the same seed gives the same messages. */
  seed?: number;
  count?: number;
}

/** All texts of one template in one manner, numbered from 0 to size - 1. */
interface Family {
  weight: number;
  size: number;
  text(index: number): string;
}

const asIs = (text: string): string => text;

const MISSPELT = new RegExp(`\\b(${Object.keys(MISSPELLINGS).join('|')})\\b`, 'g');

const hurried = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[.?!]$/, '')
    .replace(MISSPELT, (word) => MISSPELLINGS[word] ?? word);

/** Ways of writing the same thing; their weights are per cent. */
const MANNERS = [
  { weight: 60, openings: [''], closings: [''], write: asIs },
  { weight: 12, openings: OPENINGS, closings: [''], write: asIs },
  { weight: 10, openings: [''], closings: CLOSINGS, write: asIs },
  { weight: 3, openings: OPENINGS, closings: CLOSINGS, write: asIs },
  { weight: 15, openings: [''], closings: [''], write: hurried },
] as const;

/** The parts of a template, each with its possible values: a slot's, a choice's, or the one literal. */
const partsOf = (template: string): (readonly string[])[] =>
  template.split(/(\{\w+\}|\[[^\]]+\])/).map((part, position) => {
    if (part.startsWith('[')) return part.slice(1, -1).split('|');
    if (!part.startsWith('{')) return [part];
    const values = SLOTS[part.slice(1, -1)];
    if (values === undefined) throw new Error(`template names an unknown slot: ${template}`);
    return position === 1 && template.startsWith('{') ? values : values.map(lowerArticle);
  });

/** Slot values are unchanged at the beginning of a sentence; elsewhere "My sister" is "my sister". */
const lowerArticle = (value: string): string =>
  value.replace(/^(My|The|An?) /, (article) => article.toLowerCase());

/** Mixed radix: each part is a digit, so that different indexes choose different values. */
const family = (parts: readonly (readonly string[])[], weight: number, write: typeof asIs): Family => ({
  weight,
  size: parts.reduce((size, values) => size * values.length, 1),
  text: (index) => {
    let rest = index;
    const chosen = parts.map((values) => {
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return value;
    });
    return write(chosen.join(''));
  },
});

const FAMILIES: readonly Family[] = Object.values(TEMPLATES).flatMap((templates) =>
  templates.flatMap((template) =>
    MANNERS.map(({ weight, openings, closings, write }) =>
      family([openings, ...partsOf(template), closings], weight / templates.length, write),
    ),
  ),
);

/** How many distinct messages there are. */
export const CAPACITY = FAMILIES.reduce((sum, { size }) => sum + size, 0);

function* draw(seed: number, count: number): Generator<string> {
  const random = seededRandom(seed);
  const open = FAMILIES.map((member) => ({
    ...member,
    order: permutation(member.size, Math.floor(random() * 2 ** 32)),
    used: 0,
  }));
  let weights = open.reduce((sum, { weight }) => sum + weight, 0);
  for (let given = 0; given < count; given += 1) {
    let point = random() * weights;
    const at = open.findIndex(({ weight }) => {
      point -= weight;
      return point < 0;
    });
    const chosen = open.at(at);
    if (chosen === undefined) return;
    yield chosen.text(chosen.order(chosen.used));
    chosen.used += 1;
    if (chosen.used < chosen.size) continue;
    weights -= chosen.weight;
    open.splice(at, 1);
  }
}

/**
 * Distinct messages of 20 to 200 characters that a bank's customers could have sent, evenly over the topics. Memory does
 * not grow with `count`: each family of texts is walked in a seeded order that visits no index twice.
 *
 * @throws InputError immediately when `count` is more than {@link CAPACITY}.
 */
export const generateMessages = ({ seed = 1, count = 50_000 }: GeneratorOptions = {}): Generator<string> => {
  if (Number.isSafeInteger(count) && count >= 0 && count <= CAPACITY) return draw(seed, count);
  throw new InputError(`between 0 and ${CAPACITY} distinct messages can be generated, not ${count}`);
};

/** A context, and questions about it. */
export interface Paragraph {
  readonly context: string;
  readonly questions: readonly string[];
  /** Answers to each of them that count as right, where they are known. */
  readonly references?: readonly (readonly string[])[];
}

/** Messages of a context: together some 150 words, as in an article. */
const CONTEXT_MESSAGES = 10;

/**
 * Contexts made of messages, and other messages as questions about them.
 *
 * @param options `questions`: about each context
 * @throws InputError immediately when there are not so many distinct messages
 */
export const generateParagraphs = ({
  seed = 1,
  count,
  questions,
}: {
  readonly seed?: number;
  readonly count: number;
  readonly questions: number;
}): Generator<Paragraph> => {
  const each = CONTEXT_MESSAGES + questions;
  return paragraphsOf(generateMessages({ seed, count: count * each }), each);
};

function* paragraphsOf(messages: Iterable<string>, each: number): Generator<Paragraph> {
  let own: string[] = [];
  for (const message of messages) {
    own.push(message);
    if (own.length < each) continue;
    yield { context: own.slice(0, CONTEXT_MESSAGES).join(' '), questions: own.slice(CONTEXT_MESSAGES) };
    own = [];
  }
}
