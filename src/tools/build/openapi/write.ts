/** `npm run openapi`: writes the description of the API that `GET /openapi.json` gives. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from './document.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const FILE = join(ROOT, 'src', 'http', 'openapi.json');

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const text = JSON.stringify(openApiDocument(version));
writeFileSync(FILE, await format(text, { ...(await resolveConfig(FILE)), filepath: FILE }));
