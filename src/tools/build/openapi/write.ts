/**
 * `npm run openapi`: writes the description of the API, to be read in openapi.json, and as `GET /openapi.json` gives it
 * in a module, compressed to a fifth, because a function's bundle is loaded at every cold start.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from './document.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');

const write = async (name: string, text: string): Promise<void> => {
  const file = join(ROOT, 'src', 'http', name);
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
};

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const text = JSON.stringify(openApiDocument(version));
await write('openapi.json', text);
await write(
  'openapi-brotli.ts',
  `/** openapi.json, compressed by \`npm run openapi\`, in base64. */
export const OPENAPI_BROTLI = '${brotliCompressSync(text).toString('base64')}';

/** The version of the API. */
export const VERSION = ${JSON.stringify(version)};
`,
);
