import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { UserError } from '../user-error.ts';

/** The programs that build images, the first that works here is taken. */
export const BUILDERS = ['buildah', 'podman', 'docker'] as const;
export type BuilderName = (typeof BUILDERS)[number];

export interface BuildOptions {
  readonly root: string;
  readonly base?: string | undefined;
  readonly model?: string | undefined;
  readonly tag: string;
  readonly platform: string;
}

/** What is asked to see whether it works: docker needs its service. */
const PROBE: Readonly<Record<BuilderName, readonly string[]>> = {
  buildah: ['info'],
  podman: ['info'],
  docker: ['version', '--format', '{{.Server.Version}}'],
};

/**
 * The arguments that build one image for one platform: Lambda takes no index of several, and no attestations, which
 * make one. Times are those of the epoch, so that the same content is the same image.
 */
const ARGUMENTS: Readonly<Record<BuilderName, readonly string[]>> = {
  buildah: ['build', '--format', 'oci', '--timestamp', '0'],
  podman: ['build', '--format', 'oci', '--timestamp', '0'],
  docker: ['build', '--provenance=false', '--sbom=false'],
};

/** @returns the first builder that works here; undefined where there is none */
export const findBuilder = async (
  names: readonly BuilderName[] = BUILDERS,
): Promise<BuilderName | undefined> => {
  for (const name of names) {
    const works = await promisify(execFile)(name, PROBE[name], { timeout: 30_000 }).then(
      () => true,
      () => false,
    );
    if (works) return name;
  }
  return undefined;
};

/** Builds the image. @throws UserError where it cannot be built, after what the builder said */
export const buildImage = async (builder: BuilderName, options: BuildOptions): Promise<void> => {
  const { root, base, model, tag, platform } = options;
  const args = [
    ...ARGUMENTS[builder],
    ...['--platform', platform, '--tag', tag],
    ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]),
    ...(model === undefined ? [] : ['--build-arg', `MODEL=${model}`]),
    '.',
  ];
  const env = { ...process.env, SOURCE_DATE_EPOCH: '0', DOCKER_BUILDKIT: '1' };
  // What it says is progress: results go to standard output.
  const child = spawn(builder, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status === 0) return;
  throw new UserError(
    `${builder} could not build the image (status ${status}): see above. Where the base image cannot be had, name ` +
      'another by --base.',
  );
};

/** Bytes of an image, all layers together, uncompressed. */
export const imageBytes = async (builder: BuilderName, tag: string): Promise<number> => {
  const args =
    builder === 'buildah' ? ['images', '--json', tag] : ['image', 'inspect', '--format', '{{.Size}}', tag];
  const { stdout } = await promisify(execFile)(builder, args);
  if (builder !== 'buildah') return Number(stdout.trim());
  const [image] = JSON.parse(stdout) as readonly { readonly size: string }[];
  return bytesOf(image?.size ?? '');
};

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** `172 MB` → bytes. */
const bytesOf = (written: string): number => {
  const [, amount, unit = ''] = /^([\d.]+)\s*(\w+)$/.exec(written) ?? [];
  return Number(amount) * (UNITS[unit.toUpperCase()] ?? NaN);
};
