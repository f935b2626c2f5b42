import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { BuilderName } from '../../src/tools/build/image-builder.ts';
import { unpackedEngine } from './unpacked-engine.ts';

export interface RunOptions {
  /** The arguments of the image's program, or of another one. */
  readonly args: readonly string[];
  /** Instead of the image's own program. */
  readonly entrypoint?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of this machine, by where they are in the container: below `/tmp`. */
  readonly folders?: Readonly<Record<string, string>>;
}

/** What an image says of itself. */
export interface ImageDescription {
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Of its manifest; undefined where the engine does not say. */
  readonly mediaType: string | undefined;
}

/** Runs containers of an image: on a root that is read-only, in the network of this machine. */
export interface Engine {
  describe(): Promise<ImageDescription>;
  /** Signals to the process reach the program. */
  start(options: RunOptions): ChildProcess;
  close(): Promise<void>;
}

/** The engine of a builder: buildah runs images by chroot here, with their settings. */
export const openEngine = async (builder: BuilderName, tag: string): Promise<Engine> =>
  builder === 'buildah' ? unpackedEngine(tag) : containerEngine(builder, tag);

interface Inspected {
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
  };
  readonly ManifestType?: string;
}

const containerEngine = (name: 'podman' | 'docker', tag: string): Engine => ({
  describe: async () => {
    const { stdout } = await promisify(execFile)(name, ['image', 'inspect', tag]);
    const [{ Config, ManifestType }] = JSON.parse(stdout) as [Inspected];
    const { User: user, Entrypoint: entrypoint, Cmd: command } = Config;
    return { user, entrypoint, command, mediaType: ManifestType };
  },
  start: ({ args, entrypoint, env = {}, folders = {} }) =>
    spawn(
      name,
      [
        ...['run', '--rm', '--read-only', '--network', 'host', '--tmpfs', '/tmp:mode=1777'],
        ...(entrypoint === undefined ? [] : ['--entrypoint', entrypoint]),
        ...Object.entries(env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]),
        ...Object.entries(folders).flatMap(([inside, outside]) => ['--volume', `${outside}:${inside}`]),
        ...[tag, ...args],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    ),
  close: async () => undefined,
});
