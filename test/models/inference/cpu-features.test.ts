import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasVnni } from '../../../src/models/inference/onnx.ts';

describe('hasVnni', () => {
  const folder = mkdtempSync(join(tmpdir(), 'labelstream-cpu-'));
  const cpuinfo = (flags: string): string => {
    const file = join(folder, 'cpuinfo');
    writeFileSync(file, `processor\t: 0\nmodel name\t: avx512_vnni\nflags\t\t: ${flags}\nbugs\t\t:\n`);
    return file;
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['fpu avx2 avx512f avx512_vnni amx_int8', true],
    ['fpu avx2 avx_vnni', true],
    ['fpu avx2 avx512f avx512bw', false],
    ['fpu avx2 my_avx_vnni_like', false],
  ])('%s: %s', (flags, expected) => {
    expect(hasVnni(cpuinfo(flags))).toBe(expected);
  });

  it('is false where nothing is known', () => {
    expect(hasVnni(join(folder, 'missing'))).toBe(false);
  });
});
