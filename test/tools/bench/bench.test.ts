import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordRuns } from '../../../src/tools/bench/recorded-runs.ts';
import type { Section } from '../../../src/tools/report/section.ts';
import { directoryModels } from '../../../src/models/sources/directory.ts';
import { loadSklearn } from '../../../src/models/formats/sklearn.ts';
import { command, execProgram } from '../../support/run-program.ts';
import { toyReader } from '../../support/toy-reader.ts';

interface Report {
  readonly machine: object;
  readonly peers: object;
  readonly sections: readonly Section[];
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

const bench = (...parameters: readonly string[]) =>
  execProgram(command('bench', ['--no-peers', ...parameters]));

describe('npm run bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labelstream-bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('measures a model in one run, and shows and writes the same figures', async () => {
    const file = join(folder, 'report.json');
    const chosen = ['--model', 'banking77-tfidf', '--only', 'speed,article,lambda,cold-start'];
    const { stdout } = await bench('--quick', ...chosen, '--report', file);
    const report: Report = JSON.parse(readFileSync(file, 'utf8'));

    expect(report.machine).toMatchObject({ node: process.version });
    expect(report.peers).toEqual({ 'scikit-learn': 'skipped: --no-peers' });
    const ids = report.sections.map(({ id }) => id);
    expect(ids).toEqual(['speed', 'article', 'lambda', 'memory', 'cost', 'cold-start']);
    for (const { title, ratios, rows } of report.sections) {
      expect(stdout).toContain(title);
      for (const { value } of ratios) expect(value).toBeGreaterThan(0);
      for (const row of rows)
        for (const cell of Object.values(row))
          if (typeof cell === 'number') expect(cell).toBeGreaterThanOrEqual(0);
    }
    expect(stdout).toContain('skipped: --no-peers');

    const [{ model, total = 0, ...stages } = {}] = report.sections.at(-1)?.rows ?? [];
    expect(model).toMatch(/^banking77-tfidf@/);
    const times = Object.values(stages).map(Number);
    expect(times.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(Number(total), 3);
    for (const stage of ['node', 'bundle', 'binding', 'files', 'session', 'firstRun', 'run', 'batch'])
      expect(stages[stage]).toBeGreaterThan(0);
  }, 120_000);

  it('measures a model that answers questions on questions, and on nothing else', async () => {
    const reader = toyReader();
    const file = join(folder, 'questions.json');
    try {
      await bench('--quick', '--models', reader.directory, '--only', 'speed,questions', '--report', file);
    } finally {
      reader.release();
    }
    const { sections }: Report = JSON.parse(readFileSync(file, 'utf8'));
    expect(sections.map(({ id }) => id)).toEqual(['questions:bert@1', 'questions-memory:bert@1']);
    for (const { value } of sections.flatMap(({ ratios }) => ratios)) expect(value).toBeGreaterThan(0);
  }, 60_000);

  it('names what there is where a section or a model is not there', async () => {
    await expect(bench('--only', 'speed,sped')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/section sped not found; available: .*speed.*http/),
    });
    await expect(bench('--model', 'nobody')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/model nobody not found; available: .*banking77-tfidf@/),
    });
  }, 60_000);
});

describe('the bare model', () => {
  it('makes the same runs again, on the same batches', async () => {
    const { models } = await directoryModels(join(ROOT, 'models')).list();
    const folder = models.find(({ manifest }) => manifest.format === 'sklearn');
    if (folder === undefined) throw new Error('no classical model');
    const model = await loadSklearn(folder);
    const texts = Array.from({ length: 130 }, (_, index) => `where is card ${index}`);
    const again = await recordRuns(() => model.classify(texts));

    const seen: number[] = [];
    const watched = await recordRuns(async () => {
      await again();
      seen.push(1);
    });
    expect(seen).toEqual([1]);
    await watched();
    await model.release?.();
    await expect(again()).rejects.toThrow();
  });

  it('is none where nothing ran', async () => {
    await expect(recordRuns(async () => undefined)).rejects.toThrow('ran no graph');
  });
});
