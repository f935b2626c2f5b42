/** Answers are about texts that may be private: no cache stores them, and no browser takes them for a page. */
export const ANSWER_HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

const JSON_HEADERS = { 'Content-Type': 'application/json', ...ANSWER_HEADERS };

/** @param model that answered, `name@version` */
export const jsonResponse = (value: unknown, model?: string): Response =>
  new Response(JSON.stringify(value), {
    headers: model === undefined ? JSON_HEADERS : { ...JSON_HEADERS, 'X-Model': model },
  });
