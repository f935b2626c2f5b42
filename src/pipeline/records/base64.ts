import { PermanentError } from '../../errors.ts';

/**
 * The bytes that base64 stands for. Buffer.from skips what is not base64 and stops at padding, so a wrong length is the
 * sign of bad input.
 *
 * @throws PermanentError (`bad-base64`)
 */
export const base64Bytes = (data: string): Buffer => {
  const bytes = Buffer.from(data, 'base64');
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  if (data.length % 4 !== 0 || bytes.length !== (data.length / 4) * 3 - padding) {
    throw new PermanentError(
      'bad-base64',
      `data is not base64: ${data.length} characters decode to ${bytes.length} bytes`,
    );
  }
  return bytes;
};
