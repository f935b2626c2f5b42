import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cascadeOf, type ComparedText, compareSaid } from '../../../src/tools/compare/comparison.ts';
import { generateMessages } from '../../../src/tools/ingest/input/messages.ts';
import { command, runProgram } from '../../support/run-program.ts';

const said = (label: string, score: number) => ({ label, score });
const TEXTS: readonly ComparedText[] = [
  { text: 'one', label: 'a', first: said('a', 0.9), second: said('a', 0.8) },
  { text: 'two', label: 'a', first: said('b', 0.4), second: said('a', 0.9) },
  { text: 'three', label: 'b', first: said('b', 0.6), second: said('a', 0.5) },
  { text: 'four', label: 'b', first: { error: 'text-too-long' }, second: said('b', 0.7) },
];

describe('two models on the same texts', () => {
  it('agree, differ, and are right', () => {
    const { agreement, differences, quality, ...counts } = compareSaid(TEXTS);
    expect(counts).toEqual({ texts: 4, labelled: 4 });
    expect(agreement.value).toBe(0.25);
    expect(differences).toEqual(
      expect.arrayContaining([
        { first: 'b', second: 'a', count: 2, firstRight: 1, secondRight: 1, examples: ['two', 'three'] },
        {
          first: 'no label (text-too-long)',
          second: 'b',
          count: 1,
          firstRight: 0,
          secondRight: 1,
          examples: ['four'],
        },
      ]),
    );
    expect(quality).toMatchObject({ bothRight: 1, onlyFirst: 1, onlySecond: 2, neither: 0 });
    expect(quality?.first.accuracy.value).toBe(0.5);
    expect(quality?.second.accuracy.value).toBe(0.75);
    expect(quality?.chance).toBe(1);
  });

  it('have no accuracy where no label is known', () => {
    expect(compareSaid(TEXTS.map(({ label: _, ...text }) => text))).not.toHaveProperty('quality');
  });

  it('are as good as the one or the other in a cascade that always or never asks the second', () => {
    const points = cascadeOf(TEXTS, { first: 1_000, second: 10 });
    const at = (threshold: number) => points.find((point) => point.threshold === threshold);
    // A text without a label of the first goes to the second in any case.
    expect(at(0)).toMatchObject({ answeredByFirst: 0.75, accuracy: 0.75 });
    expect(at(0.5)).toMatchObject({ answeredByFirst: 0.5, accuracy: 1 });
    expect(at(1)).toMatchObject({ answeredByFirst: 0, accuracy: 0.75 });
    expect(at(1)?.perSecond).toBeCloseTo(1 / (1 / 1_000 + 1 / 10), 6);
  });
});

describe('npm run compare', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'labelstream-compare-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const compare = (...args: readonly string[]) => runProgram(command('compare', args));
  const MODELS = ['banking77-tfidf', 'banking77-cascade'] as const;

  it('shows agreement, accuracy, speed and a cascade, as tables, JSON and a page', async () => {
    const lines = [...generateMessages({ seed: 9, count: 60 })].map((text) =>
      JSON.stringify({ text, is: 'age_limit' }),
    );
    const input = file('texts.jsonl', lines.join('\n'));
    const [report, html] = [join(folder, 'report.json'), join(folder, 'report.html')];
    const { status, stdout } = await compare(
      ...[...MODELS, '--input', input, '--label-column', 'is', '--report', report, '--html', html],
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/60 of .*, 60 of them with an expected label/);
    const found = JSON.parse(readFileSync(report, 'utf8'));
    expect(found).toMatchObject({ texts: 60, labelled: 60, cascade: { first: 'banking77-tfidf@1' } });
    expect(found.models).toMatchObject([
      { model: 'banking77-tfidf@1', perSecond: expect.any(Number), memoryMB: expect.any(Number) },
      { model: 'banking77-cascade@1', perSecond: expect.any(Number), memoryMB: expect.any(Number) },
    ]);
    const { bothRight, onlyFirst, onlySecond, neither } = found.quality;
    expect(bothRight + onlyFirst + onlySecond + neither).toBe(60);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('<title>banking77-tfidf and banking77-cascade</title>');
    expect(page).toContain('Accuracy against speed');
  }, 60_000);

  it.each([
    ['a model that is not there', ['banking77-tfidf', 'nobody', '--input', 'TEXTS'], /nobody not found/],
    [
      'the same model twice',
      ['banking77-tfidf', 'banking77-tfidf@1', '--input', 'TEXTS'],
      /Both are banking77-tfidf@1/,
    ],
    ['no texts', [...MODELS], /Give texts: --input FILE, or --stage NAME/],
    ['one model', ['banking77-tfidf', '--input', 'TEXTS'], /Name two models/],
    ['two models and a stage', [...MODELS, '--stage', 'dev'], /banking77-cascade does not go with --stage/],
    ['a file without the column', [...MODELS, '--input', 'TEXTS', '--label-column', 'label'], /label/],
    [
      'labels that are empty',
      [...MODELS, '--input', 'EMPTY', '--label-column', 'label'],
      /no record has a label/,
    ],
    [
      'a page in no folder',
      [...MODELS, '--input', 'TEXTS', '--html', 'none/x.html'],
      /--html none\/x\.html cannot be written/,
    ],
  ])('says what to correct for %s', async (_, args, message) => {
    const given: Readonly<Record<string, string | undefined>> = {
      TEXTS: file('plain.csv', 'text\nI lost my card\n'),
      EMPTY: file('empty.csv', 'text,label\nI lost my card,\n'),
    };
    const { status, stderr } = await compare(...args.map((one) => given[one] ?? one));
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});
