import document from './openapi.json' with { type: 'json' };
import { jsonResponse } from './json-response.ts';

/** The version of the API. */
export const VERSION = document.info.version;

/** The API's description in OpenAPI 3.1, which `npm run openapi` makes from its schemas. */
export const openApiResponse = (): Response => jsonResponse(document);
