/** The curl lines of docs/http.md, as a reader would paste them, against the server. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RequestServer, serveRequests } from '../../src/server/serve-requests.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'http.md'), 'utf8');

/** Where `npm run serve` listens; other addresses are those of a reader's own stage. */
const SERVED = /\bhttp:\/\/(localhost|127\.0\.0\.1):8080\b/g;

interface Example {
  readonly command: string;
  /** What the page shows as the answer, right below: JSON, or plain text. */
  readonly answer: { readonly json: boolean; readonly text: string } | undefined;
}

const examples: readonly Example[] = [
  ...PAGE.matchAll(/^```(?:bash|sh|shell|console)\n([^]*?)^```\n(?:\n?```(json|text)\n([^]*?)^```)?/gm),
]
  .map(([, command = '', kind, text]) => ({
    command,
    answer: text === undefined ? undefined : { json: kind === 'json', text: text.trim() },
  }))
  .filter(({ command }) => /\bcurl\b/.test(command) && command.search(SERVED) >= 0);

let server: RequestServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-curl-'));
  server = await serveRequests({
    MODELS_DIR: join(ROOT, 'models'),
    MODEL: 'banking77-tfidf',
    PORT: '0',
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** @param failing what curl does where it is answered with an error */
const run = async (command: string, failing: '--fail' | '--no-fail'): Promise<string> => {
  const script = command.replaceAll(/^\$ /gm, '').replaceAll(SERVED, server.url);
  const silent = `set -e; curl() { command curl --silent --show-error ${failing} "$@"; }\n${script}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', silent], { cwd: folder });
  return stdout.trim();
};

/** Scores as a page shows them are those of one machine. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(2)) : value;
const comparable = (json: string): unknown => JSON.parse(json, rounded);

it('has curl lines for every way to ask', () => {
  const asked = examples.map(({ command }) => command).join('\n');
  for (const path of [
    '/models/',
    '/predict',
    '/invocations',
    '/ping',
    '/health',
    '/metrics',
    '/openapi.json',
  ])
    expect(asked).toContain(path);
});

it.each(examples.map((example) => [example.command.trim(), example] as const))('%s', async (_, example) => {
  const { answer } = example;
  // What the page does not show is an answer, not an error.
  const said = await run(example.command, answer === undefined ? '--fail' : '--no-fail');
  if (answer === undefined) return;
  if (answer.json) expect(comparable(said)).toEqual(comparable(answer.text));
  else expect(said).toBe(answer.text);
});
