import { hash } from 'node:crypto';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const sourceOf = (inline: string): string => `'sha256-${hash('sha256', inline, 'base64')}'`;

/** Only the page's own script and style run, and it talks to this API alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${sourceOf(SCRIPT)}`,
  `style-src ${sourceOf(STYLE)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A page to try the models on: it loads nothing but the answers of this API. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>labelstream</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Ask a model</h1>
<form id="form">
<div class="row">
<p><label for="model">Model</label><select id="model" required></select></p>
<p class="narrow"><label for="top">Answers to show</label><input id="top" type="number" min="1" max="1000" value="5" required></p>
</div>
<p><label for="text" id="textname">Text</label><textarea id="text" rows="4" required aria-describedby="hint"></textarea></p>
<p id="hint" class="hint">Ctrl + Enter sends it.</p>
<p id="pair" hidden><label for="second" id="secondname">Second text of the pair</label><textarea id="second" rows="2"></textarea></p>
<p id="secret" hidden><label for="key">Key of this API</label><input id="key" type="password" autocomplete="off"></p>
<p><button id="send" type="submit">Ask</button></p>
</form>
<section aria-labelledby="answer-title">
<h2 id="answer-title">Answer</h2>
<p id="status" role="status" aria-live="polite">Nothing asked yet.</p>
<p id="context" hidden></p>
<ol id="labels"></ol>
</section>
<section aria-labelledby="curl-title">
<h2 id="curl-title">The same with curl</h2>
<pre id="curl" tabindex="0" aria-labelledby="curl-title"></pre>
<p><button id="copy" type="button">Copy</button></p>
</section>
</main>
<noscript><p>This page needs JavaScript; the API does not: see openapi.json.</p></noscript>
<script type="module">${SCRIPT}</script>
</body>
</html>
`;
