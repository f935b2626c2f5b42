import { hash } from 'node:crypto';
import type { Section } from '../section.ts';
import { chartMarkup } from './charts.ts';
import { type Markup, markup, trusted } from './markup.ts';
import { STYLE } from './style.ts';
import { ratiosMarkup, tableMarkup } from './tables.ts';

/** Nothing is loaded and nothing runs; only the page's own style applies. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; img-src data:; base-uri 'none'; form-action 'none'`;

export interface ReportPage {
  readonly title: string;
  readonly sections: readonly Section[];
  /** When the report was made. */
  readonly at: Date;
}

/** A report as one HTML file, of the sections that a terminal shows: to look at, to print and to pass on. */
export const reportPage = ({ title, sections, at }: ReportPage): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="about">labelstream, <time datetime="${at.toISOString()}">${at.toISOString().slice(0, 16).replace('T', ' ')} UTC</time></p>
${sections.map(sectionMarkup)}
</main>
</body>
</html>
`.html;

const sectionMarkup = ({ title, ratios, columns, rows, charts = [], notes }: Section): Markup =>
  markup`<section><h2>${title}</h2>
${ratios.length > 0 ? ratiosMarkup(ratios, `${title}: figures and targets`) : undefined}
${charts.map(chartMarkup)}
${rows.length > 0 ? tableMarkup(columns, rows, title) : undefined}
${notes.map((note) => markup`<p class="note">${note}</p>`)}</section>
`;
