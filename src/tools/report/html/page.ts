import { hash } from 'node:crypto';
import type { Section } from '../section.ts';
import { chartMarkup } from './charts.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { type Markup, markup, trusted } from './markup.ts';
import { STYLE } from './style.ts';
import { ratiosMarkup, tableMarkup } from './tables.ts';

const digest = (source: string): string => `'sha256-${hash('sha256', source, 'base64')}'`;

/** Nothing is loaded and nothing runs; only the page's own style applies. */
const POLICY = `default-src 'none'; style-src ${digest(STYLE)}; img-src data:; base-uri 'none'; form-action 'none'`;

/** Of a live page: its own script runs, and asks for the page again. */
const LIVE_POLICY = `${POLICY}; script-src ${digest(LIVE_SCRIPT)}; connect-src 'self'`;

export interface ReportPage {
  readonly title: string;
  readonly sections: readonly Section[];
  /** When the report was made. */
  readonly at: Date;
  /** Whether it is of something that is under way, on a server: it then shows what the page is later on. */
  readonly live?: boolean;
}

/** A report as one HTML file, of the sections that a terminal shows: to look at, to print and to pass on. */
export const reportPage = ({ title, sections, at, live = false }: ReportPage): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${trusted(live ? LIVE_POLICY : POLICY)}">
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
${
  live
    ? markup`<script>${trusted(LIVE_SCRIPT)}</script>
`
    : undefined
}</body>
</html>
`.html;

const sectionMarkup = ({ title, ratios, columns, rows, charts = [], notes }: Section): Markup =>
  markup`<section><h2>${title}</h2>
${ratios.length > 0 ? ratiosMarkup(ratios, `${title}: figures and targets`) : undefined}
${charts.map(chartMarkup)}
${rows.length > 0 ? tableMarkup(columns, rows, title) : undefined}
${notes.map((note) => markup`<p class="note">${note}</p>`)}</section>
`;
