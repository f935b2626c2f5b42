import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { PREDICT_SETTINGS, SERVER_SETTINGS, SETTINGS } from '../src/wire/config.ts';
import { JOB_SETTINGS } from '../src/wire/jobs-config.ts';
import { OBJECTS_SETTINGS, RUN_SETTINGS } from '../src/wire/objects-config.ts';
import { PLAN_SETTINGS } from '../src/wire/plan-objects.ts';
import { RELABEL_SETTINGS } from '../src/wire/relabel-config.ts';

const ROOT = join(import.meta.dirname, '..');

/** Not entered: other processes may be building. */
const NOT_OURS = new Set(['node_modules', '.git', '.build', '.serverless', '.venv', '.pytest_cache']);
const PAGES = globSync('**/*.md', { cwd: ROOT, exclude: (name) => NOT_OURS.has(basename(name)) });
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, '');

const anchorsOf = (file: string): readonly string[] =>
  [...withoutCode(textOf(file)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe.each(PAGES)('%s', (page) => {
  it('has links that lead somewhere', () => {
    const links = [...withoutCode(textOf(page)).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names source files that are there, in code, too', () => {
    const named = [
      ...textOf(page).matchAll(
        /(?<![\w./-])((?:src|test|docs|layers|events|examples)\/[\w./-]*\.(?:ts|yml|py|md))\b/g,
      ),
    ];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names files and folders that are there', () => {
    const named = [
      ...textOf(page).matchAll(/`((?:src|test|docs|layers|events|examples|models)\/[\w./-]*\w\/?)`/g),
    ];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)));
    // Folders of models that a reader makes.
    expect(missing.filter((path) => !/^models\/(cards|sentiment)\b/.test(path))).toEqual([]);
  });
});

describe('README.md', () => {
  it('is the first screens, at most 200 lines; the rest is in docs/', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(200);
    const linked = [...textOf('README.md').matchAll(/\]\(docs\/([\w-]+\.md)/g)].map(([, page]) => page);
    const pages = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
    expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : String(value);

/** The settings as rows of a table in Markdown. */
const settingsTable = (settings: z.ZodType, isListed: (name: string) => boolean = () => true): string => {
  const { properties = {}, required = [] } = z.toJSONSchema(settings, {
    io: 'input',
    unrepresentable: 'any',
  });
  const listed = Object.entries(properties as Readonly<Record<string, Schema>>).filter(([name]) =>
    isListed(name),
  );
  const rows = listed.map(([name, schema]) => {
    const range =
      schema.enum?.map((one) => `\`${one}\``).join(', ') ??
      (schema.minimum === undefined ? '' : `${schema.minimum}–${schema.maximum}`);
    const fallback = required.includes(name)
      ? 'required'
      : schema.default === undefined
        ? ''
        : `\`${[schema.default].flat().map(nameOf).join(',')}\``;
    return `| \`${name}\` | ${fallback} | ${range} | ${schema.description} |`;
  });
  return ['| variable | default | range | |', '|---|---|---|---|', ...rows].join('\n');
};

describe("the function's environment", () => {
  it('is documented in docs/parameters.md as the code has it', () => {
    expect(textOf('docs/parameters.md')).toContain(settingsTable(SETTINGS));
  });

  it('is documented for the prediction API as well', () => {
    const ownSettings = settingsTable(PREDICT_SETTINGS, (name) => !(name in SETTINGS.shape));
    expect(textOf('docs/parameters.md')).toContain(ownSettings);
  });

  it('is documented for the function that classifies objects as well', () => {
    const ownSettings = settingsTable(OBJECTS_SETTINGS, (name) => !(name in SETTINGS.shape));
    expect(textOf('docs/parameters.md')).toContain(ownSettings);
  });

  it('is documented for jobs, and for the function that plans them, as well', () => {
    const ownSettings = settingsTable(JOB_SETTINGS, (name) => !(name in RUN_SETTINGS.shape));
    expect(textOf('docs/parameters.md')).toContain(ownSettings);
    expect(textOf('docs/parameters.md')).toContain(settingsTable(PLAN_SETTINGS));
    expect(textOf('docs/parameters.md')).toContain(settingsTable(RELABEL_SETTINGS));
  });

  it('is documented for the server as well', () => {
    expect(textOf('docs/parameters.md')).toContain(settingsTable(SERVER_SETTINGS));
  });
});
