import { brotliDecompressSync } from 'node:zlib';
import { ANSWER_HEADERS } from './json-response.ts';
import { OPENAPI_BROTLI } from './openapi-brotli.ts';

let document: string | undefined;

/** The API's description in OpenAPI 3.1, which `npm run openapi` makes from its schemas. */
export const openApiResponse = (): Response => {
  document ??= brotliDecompressSync(Buffer.from(OPENAPI_BROTLI, 'base64')).toString();
  return new Response(document, { headers: { 'Content-Type': 'application/json', ...ANSWER_HEADERS } });
};
