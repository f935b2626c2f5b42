import { hash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';

/**
 * A check of the key that requests bear: `Authorization: Bearer <key>`.
 *
 * @param sha256 of the key, in hexadecimal: digests are of equal length, and can be compared in constant time
 * @returns a function that throws Problem (401) for a request without the key
 */
export const keyCheck = (sha256: string): ((request: Request) => void) => {
  const expected = Buffer.from(sha256, 'hex');
  return ({ headers }) => {
    const [, key = ''] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? [];
    if (timingSafeEqual(hash('sha256', key, 'buffer'), expected)) return;
    throw new Problem('Unauthorized', 'send the key of this API as a header: Authorization: Bearer <key>', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  };
};
