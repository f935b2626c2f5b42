const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"'\r]/g, (found) => ENTITIES[found] ?? found);

/** What an element holds: text, elements by their names, or several elements of a name. */
export type XmlContent = string | number | boolean | XmlElements;
export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

const element = (name: string, content: XmlContent): string => {
  const inner = typeof content === 'object' ? elements(content) : escaped(String(content));
  return `<${name}>${inner}</${name}>`;
};

const elements = (content: XmlElements): string =>
  Object.entries(content)
    .flatMap(([name, value]) =>
      value === undefined
        ? []
        : Array.isArray(value)
          ? value.map((one) => element(name, one))
          : [element(name, value as XmlContent)],
    )
    .join('');

/** A document of S3. */
export const xmlDocument = (name: string, content: XmlElements): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content).replace(
    `<${name}>`,
    `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`,
  )}`;

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (found, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED[name] ?? found;
  });

/** What is between the tags of each element of a name, as it is written: enough for the requests of SDKs. */
export const elementsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner);

/** The text of the first element of a name. */
export const textOf = (xml: string, name: string): string | undefined => {
  const [first] = elementsOf(xml, name);
  return first === undefined ? undefined : unescaped(first);
};
