import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from './layer-files.ts';
import { UserError } from '../user-error.ts';

/** `e_machine` of the CPUs that Lambda has. */
export const ELF_MACHINES = { x64: 62, arm64: 183 } as const;

const MAGIC = Buffer.from('\x7fELF', 'latin1');
const MACHINE_OFFSET = 18;

/**
 * @returns which CPU a file is made for, if it is a program or a library for Linux; undefined if it is neither
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
 */
export const elfMachine = async (path: string): Promise<number | undefined> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MACHINE_OFFSET + 2), 0, MACHINE_OFFSET + 2, 0);
    const isElf = bytesRead === buffer.length && buffer.subarray(0, MAGIC.length).equals(MAGIC);
    return isElf ? buffer.readUInt16LE(MACHINE_OFFSET) : undefined;
  } finally {
    await file.close();
  }
};

/**
 * Checks that every program and library below `folder` is made for the function's CPU: on Lambda, the error would only
 * appear when a function loads it. Graphs and tokenizers are data, which any CPU reads.
 *
 * @throws UserError naming the file and both CPUs
 */
export const checkMachine = async (folder: string, cpu: keyof typeof ELF_MACHINES): Promise<void> => {
  for (const file of await listFiles(folder)) {
    const machine = await elfMachine(join(folder, file));
    if (machine === undefined || machine === ELF_MACHINES[cpu]) continue;
    const [found = `the machine of ELF number ${machine}`] =
      Object.entries(ELF_MACHINES).find(([, number]) => number === machine) ?? [];
    throw new UserError(
      `${file} is made for ${found}, but the function runs on ${cpu}: ` +
        `replace the file, or choose the other CPU with --param="architecture=…".`,
    );
  }
};
