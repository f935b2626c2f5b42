import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, execProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-start-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = async (...args: string[]) => {
  const report = join(folder, 'report.json');
  const { stdout } = await execProgram(command('start', ['--report', report, ...args]));
  return { stdout, report: JSON.parse(readFileSync(report, 'utf8')) };
};

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const childrenOf = (pid: number): number[] =>
  spawnSync('pgrep', ['-P', String(pid)])
    .stdout.toString()
    .split('\n')
    .filter(Boolean)
    .map(Number);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('npm start', () => {
  it('ingests generated messages, loses none, and reports what it took', async () => {
    const { stdout, report } = await start(
      '--records',
      '700',
      '--batch-size',
      '100',
      '--shards',
      '2',
      '--window',
      '0',
    );
    expect(report).toEqual({
      sections: [expect.objectContaining({ id: 'ingest', title: 'An ingest of 700 records' })],
      records: 700,
      items: 700,
      labelled: 700,
      unchanged: 0,
      superseded: 0,
      skipped: 0,
      rejected: 0,
      lost: 0,
      wrong: 0,
      resurrected: 0,
      chaos: null,
      cleared: 0,
      redriven: 0,
      inferences: 700,
      writeRetries: 0,
      stepMs: {
        decode: expect.any(Number),
        classify: expect.any(Number),
        store: expect.any(Number),
        quarantine: expect.any(Number),
      },
      iteratorAgeMs: expect.any(Number),
      seconds: expect.any(Number),
      recordsPerSecond: expect.any(Number),
      invocations: expect.any(Number),
      batchSize: 100,
      shards: 2,
      concurrency: 2,
      coldStarts: expect.any(Number),
      initMs: { p50: expect.any(Number), max: expect.any(Number) },
      durationMs: { p50: expect.any(Number), p95: expect.any(Number), max: expect.any(Number) },
      billedMs: expect.any(Number),
      memoryMB: { configured: 256, maxUsed: expect.any(Number) },
      model: 'banking77-tfidf@1',
      accuracy: null,
      accuracyItems: 0,
      rejects: {},
      input: null,
      models: [{ model: 'banking77-tfidf@1', items: 700 }],
      labels: expect.arrayContaining([{ label: expect.any(String), items: expect.any(Number) }]),
      timeline: expect.arrayContaining([expect.objectContaining({ produced: 0, done: 0 })]),
      batches: expect.arrayContaining([expect.objectContaining({ batch: 0, store: expect.any(Number) })]),
      latencyMs: {
        ...{
          p50: expect.any(Number),
          p95: expect.any(Number),
          p99: expect.any(Number),
          max: expect.any(Number),
        },
        quantiles: expect.any(Array),
      },
      quality: null,
      drift: [
        {
          model: 'banking77-tfidf@1',
          texts: 700,
          confidence: { mean: expect.any(Number), below: 0.5, share: expect.any(Number) },
          reference: { texts: 3080, confidence: { mean: 0.9269, below: 0.5, share: 0.0409 } },
          index: expect.any(Number),
          moved: expect.arrayContaining([
            { label: expect.any(String), share: expect.any(Number), before: expect.any(Number) },
          ]),
        },
      ],
      // So few would extrapolate a cold start.
      cost: null,
    });
    expect(stdout).not.toMatch(/cost of|break-even|article/);
    const { quantiles, p50, max } = report.latencyMs;
    expect(quantiles).toHaveLength(20);
    expect([p50 > 0, p50 <= max]).toEqual([true, true]);
    expect(report.timeline[report.timeline.length - 1]).toMatchObject({ produced: 700, done: 700 });
    expect(report.labels).toHaveLength(10);
    expect(report.invocations).toBeGreaterThanOrEqual(7);
    expect(stdout).toMatch(/lost 0, wrong 0/);
  });

  it('reads a file, over and over where so many are wanted, and tells the accuracy and over how many', async () => {
    const csv = file(
      'messages.csv',
      'message,intent\nHow do I change my PIN?,change_pin\n"My card\nis lost",card_arrival\n',
    );
    const { report, stdout } = await start(
      ...['--input', csv, '--text-column', 'message', '--label-column', 'intent'],
      ...['--records', '10', '--store', 'labels-table', '--concurrency', '1', '--memory', '256'],
    );
    expect(report).toMatchObject({
      records: 10,
      items: 10,
      labelled: 10,
      lost: 0,
      wrong: 0,
      accuracy: 0.5,
      accuracyItems: 10,
      models: [{ items: 10, expected: 10, accuracy: 0.5 }],
      quality: {
        byLabel: [
          { label: 'card_arrival', items: 5, right: 0 },
          { label: 'change_pin', items: 5, right: 5 },
        ],
        confusions: [{ expected: 'card_arrival', label: 'lost_or_stolen_card', items: 5 }],
      },
      concurrency: 1,
      input: { file: csv, records: 10, messages: 2, isWhole: true },
    });
    expect(stdout).toMatch(/messages\.csv: 2 messages, read again from the start/);
    expect(stdout).toMatch(/banking77-tfidf@1, accuracy 50% of 10 items/);
  });

  it('comes through a bad day without a loss, at little extra cost', async () => {
    const { report } = await start('--chaos', '--records', '1100', '--batch-size', '20', '--quiet');
    expect(report).toMatchObject({ lost: 0, wrong: 0, resurrected: 0 });
    const { faults, ratios, poison, rejects, strays, survivors } = report.chaos;
    expect({ rejects, strays, items: report.items }).toEqual({
      rejects: poison,
      strays: 0,
      items: survivors,
    });
    expect(poison).toBeGreaterThan(5);
    expect(report.records).toBeGreaterThan(1_120);
    for (const kind of ['throttled', 'dropped', 'droppedAfter', 'killed'])
      expect([kind, faults[kind] > 0]).toEqual([kind, true]);
    expect(ratios).toEqual({
      invocations: expect.any(Number),
      inferences: expect.any(Number),
      writes: expect.any(Number),
    });
    expect(Math.max(ratios.inferences, ratios.writes)).toBeLessThan(1.15);
  }, 60_000);

  it('waits an outage out within the invocation, and loses nothing', async () => {
    const { report } = await start('--chaos', '--records', '400', '--batch-size', '20', '--outage', '6');
    expect(report).toMatchObject({ lost: 0, wrong: 0, resurrected: 0, redriven: 0 });
    expect(report.chaos.survivors).toBe(report.items);
    // One that did not wait would fail within two seconds.
    expect(report.durationMs.max).toBeGreaterThan(4_000);
    await expect(start('--outage', '6')).rejects.toMatchObject({
      code: 2,
      stderr: '--outage is part of a bad day: it needs --chaos.\n',
    });
  });

  it('accounts for texts that cannot be labelled, by reason, and fails unless that is allowed', async () => {
    const jsonl = file('long.jsonl', `${JSON.stringify({ text: 'x'.repeat(100_001) })}\n{"text":""}\n`);
    const args = ['--input', jsonl, '--records', '4'];
    const { report, stdout } = await start(...args, '--allow-rejects');
    const rejects = { 'text-too-long': 2 };
    expect(report).toMatchObject({
      records: 4,
      items: 4,
      labelled: 2,
      rejected: 2,
      lost: 0,
      wrong: 0,
      rejects,
    });
    expect(stdout).toMatch(/rejects +│ text-too-long 2 /);
    const failed = await start(...args, '--quiet').catch((error) => error);
    expect([failed.code, failed.stderr]).toEqual([
      1,
      'rejects: text-too-long 2. They are no fault with --allow-rejects\n',
    ]);
  });

  it.each([
    ['a missing file', ['--input', 'nowhere.csv'], /nowhere\.csv/],
    ['an unknown kind of file', ['--input', 'LICENSE'], /no file extension; give one of \.csv/],
    [
      'a missing column',
      ['--input', () => file('a.csv', 'text\nhello\n'), '--text-column', 'body'],
      /body.*text/s,
    ],
    [
      'an unknown model',
      ['--model', 'nobody'],
      /default model nobody not found; available: .*banking77-tfidf@1/,
    ],
    ['an unknown store', ['--store', 'redis'], /Allowed choices are partiql, update-item, labels-table/],
    ['a number that is none', ['--records', 'many'], /whole number from 1/],
    ['labels without a file', ['--label-column', 'intent'], /give an input file/],
  ])('refuses %s with a clear message', async (_, args, message) => {
    const given = args.map((arg) => (typeof arg === 'string' ? arg : arg()));
    const failed = await start('--records', '5', '--quiet', ...given).catch((error) => error);
    expect(failed.code).toBeGreaterThan(0);
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).not.toMatch(/ at .*\.ts:/);
  });

  it('ends with a fault where the function used more memory than it has', async () => {
    const failed = await start('--records', '200', '--memory', '128', '--quiet').catch((error) => error);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /The function used \d+ MB, more than the 128 MB that it has: Lambda would have ended it\. Give it more memory/,
    );
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({
      lost: 0,
      wrong: 0,
    });
  });

  it('reports what there is where it is interrupted, and shows it meanwhile where that is asked for', async () => {
    const [report, html] = [join(folder, 'interrupted.json'), join(folder, 'interrupted.html')];
    const { file: program, cwd, env } = command('start', []);
    const child = spawn(
      process.execPath,
      [program, '--records', '50000', '--quiet', '--open', '--report', report, '--html', html],
      { cwd, env: { ...env, BROWSER: 'none' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'exit');
    let [said, page] = ['', ''];
    child.stderr.on('data', (some) => {
      said += String(some);
    });
    while (!page.includes('An ingest of 50,000 records, under way')) {
      await new Promise((done) => setTimeout(done, 100));
      const [url] = /http:\/\/localhost:\d+\//.exec(said) ?? [];
      if (url !== undefined) page = await (await fetch(url)).text();
    }
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(said).toContain(`The figures until now are in ${report} and ${html}.`);
    expect(readFileSync(html, 'utf8')).toContain('An ingest of 50,000 records, interrupted');
    expect(readFileSync(html, 'utf8')).toContain('Records in the stream, and labelled');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({
      interrupted: true,
      sections: [expect.objectContaining({ notes: [expect.stringMatching(/is interrupted/)] })],
    });
  });

  it('leaves no process behind after Ctrl-C', async () => {
    const child = spawn(process.execPath, [command('start', []).file, '--records', '50000'], {
      cwd: ROOT,
      detached: true,
      stdio: 'ignore',
    });
    const pid = child.pid ?? 0;
    const until = async (isSo: () => boolean) => {
      for (let attempt = 0; attempt < 200 && !isSo(); attempt += 1)
        await new Promise((done) => setTimeout(done, 50));
    };
    // The emulators and the environments.
    await until(() => childrenOf(pid).length >= 2);
    const children = childrenOf(pid);
    expect(children.length).toBeGreaterThanOrEqual(2);
    // A terminal sends it to the whole group.
    process.kill(-pid, 'SIGINT');
    const [status] = await once(child, 'exit');
    expect(status).toBe(130);
    await until(() => !children.some(isAlive));
    expect(children.filter(isAlive)).toEqual([]);
  });
});
