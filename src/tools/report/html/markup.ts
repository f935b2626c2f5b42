const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of HTML. */
export interface Markup {
  readonly html: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

/** Characters that HTML cannot hold are shown as what stands for them. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\0-\x08\v\f\x0E-\x1F\x7F-\x9F\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const htmlOf = (part: Part): string => {
  if (part === undefined) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(htmlOf).join('');
};

/** A template of HTML: what is put into it is text, unless it is markup itself; lists are put in one after the other. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  html: strings.map((string, index) => string + htmlOf(parts[index])).join(''),
});

/** HTML, CSS or a digest that is known to be safe. */
export const trusted = (html: string): Markup => ({ html });
