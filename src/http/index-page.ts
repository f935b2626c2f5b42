import type { Handler } from './clients/client.ts';
import { ANSWER_HEADERS, jsonResponse } from './json-response.ts';
import type { ModelDescriptions } from './model-descriptions.ts';
import { VERSION } from './openapi-brotli.ts';
import { PAGE, PAGE_POLICY } from './page/page.ts';

/** What `GET /` says: a page for a browser, where there is to be one, and a few lines of JSON for all else. */
export const index =
  ({ ids }: ModelDescriptions, hasPage: boolean): Handler =>
  ({ headers }) => {
    const wantsPage = hasPage && (headers.get('accept') ?? '').toLowerCase().includes('text/html');
    if (wantsPage) return pageResponse();
    return jsonResponse({
      name: 'labelstream',
      version: VERSION,
      models: ids(),
      documentation: 'openapi.json',
    });
  };

const pageResponse = (): Response =>
  new Response(PAGE, {
    headers: {
      ...ANSWER_HEADERS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': PAGE_POLICY,
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
    },
  });
