import { UserError } from '../user-error.ts';

/** Bytes that the runtime layer may have, unzipped. */
export const MAX_RUNTIME_BYTES = 60_000_000;
/** Bytes that a function and its layers may have together, unzipped: Lambda's quota of 250 MB. */
export const MAX_UNZIPPED_BYTES = 262_144_000;

/** @returns bytes as megabytes (10⁶ bytes) with one decimal: `25.4 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const checkSize = (
  what: string,
  sizes: Readonly<Record<string, number>>,
  limit: number,
  advice: string,
): void => {
  const total = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
  if (total <= limit) return;
  const parts = Object.entries(sizes)
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${bytes} (${megabytes(bytes)})`);
  throw new UserError(
    `${what}: ${total} bytes unzipped, ${total - limit} more than the ${limit} allowed: ${parts.join(', ')}. ${advice}`,
  );
};

/**
 * Checks what Lambda would refuse only at the end of a deployment: function and layers within 250 MB, unzipped.
 * @param sizes bytes by part, such as `{ classifyStream: 1_200_000, runtime: 25_000_000, models: 8_000_000 }`
 * @throws UserError naming each part's size, the largest first.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const checkUnzippedSize = (sizes: Readonly<Record<string, number>>): void =>
  checkSize(
    'Function and layers together',
    sizes,
    MAX_UNZIPPED_BYTES,
    'Move models out of models/ or make them smaller.',
  );

/** @throws UserError where the runtime layer is larger than 60 MB, unzipped. */
export const checkRuntimeSize = (runtime: number): void =>
  checkSize(
    'The runtime layer',
    { runtime },
    MAX_RUNTIME_BYTES,
    'Pin the version of onnxruntime-node that was in use before.',
  );
