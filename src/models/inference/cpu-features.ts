import { readFileSync } from 'node:fs';

/** As Linux names the instructions that multiply 8-bit numbers and add them up in 32 bits. */
const VNNI = /^flags\s*:.*\b(avx512_vnni|avx_vnni)\b/m;

/**
 * Whether every product of int8 is exact on this CPU. Without VNNI, x64 adds two products up in 16 bits, which overflow.
 * Unknown counts as no.
 *
 * @param file what Linux tells of the CPU
 */
export const hasVnni = (file = '/proc/cpuinfo'): boolean => {
  try {
    return VNNI.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
};
