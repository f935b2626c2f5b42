import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFlightFile } from '../../src/stores/in-flight-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labelstream-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ends as a process does that is killed: in the middle of it, with nothing told. */
const diesWith = async (hashes: readonly string[]): Promise<void> => {
  void inFlightFile(folder).during(hashes, () => new Promise(() => undefined));
};
const suspicions = (...hashes: readonly string[]) => {
  const { suspicionOf } = inFlightFile(folder);
  return hashes.map(suspicionOf);
};

describe('texts under way', () => {
  it('are not suspected where all went well', async () => {
    const inFlight = inFlightFile(folder);
    expect(await inFlight.during(['a', 'b'], async () => 'done')).toBe('done');
    await expect(inFlight.during(['c'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(suspicions('a', 'b', 'c')).toEqual(['none', 'none', 'none']);
  });

  it('are suspected by the next process where one ended in the middle', async () => {
    await diesWith(['a', 'b']);
    expect(suspicions('a', 'b', 'c')).toEqual(['suspect', 'suspect', 'none']);
    expect(suspicions('a')).toEqual(['suspect']);
  });

  it('are cleared once they are classified', async () => {
    await diesWith(['a', 'b']);
    const inFlight = inFlightFile(folder);
    await inFlight.during(['a'], async () => undefined);
    expect([inFlight.suspicionOf('a'), inFlight.suspicionOf('b')]).toEqual(['none', 'suspect']);
    expect(suspicions('a', 'b')).toEqual(['none', 'suspect']);
  });

  it('are given up where processes ended twice with one of them alone, and stay so', async () => {
    await diesWith(['a', 'b']);
    await diesWith(['a']);
    expect(suspicions('a')).toEqual(['suspect']);
    await diesWith(['a']);
    expect(suspicions('a', 'b')).toEqual(['guilty', 'suspect']);
    await inFlightFile(folder).during(['a'], async () => undefined);
    expect(suspicions('a')).toEqual(['guilty']);
  });

  it('of a process that lives are its own', async () => {
    // The process that runs the tests is not this one, or its parent lives.
    writeFileSync(join(folder, `labelstream-in-flight-${process.ppid}`), '1\na\n');
    expect(suspicions('a')).toEqual(['none']);
    expect(readdirSync(folder)).toContain(`labelstream-in-flight-${process.ppid}`);
  });

  it('are not remembered where files are damaged or cannot be written', async () => {
    writeFileSync(join(folder, `labelstream-in-flight-${process.pid}`), 'x\n\u0000');
    writeFileSync(join(folder, 'labelstream-suspects.json'), '{');
    expect(suspicions('a')).toEqual(['none']);
    const nowhere = inFlightFile(join(folder, 'no', 'such', 'folder'));
    expect(await nowhere.during(['a'], async () => 'done')).toBe('done');
    expect(nowhere.suspicionOf('a')).toBe('none');
  });
});
