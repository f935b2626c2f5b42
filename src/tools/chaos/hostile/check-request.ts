import type { HostileRequest } from './hostile-requests.ts';

/** From `Request` to `Response`. */
export interface Fetches {
  fetch(request: Request): Response | Promise<Response>;
}

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/problem+json']);

/**
 * Sends a request to the API, and checks that it is answered as documented, whatever it holds.
 *
 * @returns the status
 * @throws Error that says what is wrong with the answer
 */
export const checkRequest = async (
  api: Fetches,
  { method, path, headers, body }: HostileRequest,
): Promise<number> => {
  const response = await api.fetch(
    new Request(new URL(`http://localhost${path}`), {
      method,
      headers,
      ...(body !== undefined && { body: Buffer.from(body, 'base64') }),
    }),
  );
  const text = await response.text();
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  if (status >= 500) throw new Error(`status ${status}: ${text.slice(0, 500)}`);
  if (status >= 400 && type !== 'application/problem+json') throw new Error(`status ${status} with ${type}`);
  if (method === 'HEAD' || status === 204) return status;
  if (!JSON_TYPES.has(type)) return status;
  const value = JSON.parse(text);
  if (status < 400) return status;
  const { status: told, title, detail, error, error_type: kind } = value;
  const isComplete =
    told === status &&
    error === detail &&
    [title, detail, kind].every((field) => typeof field === 'string' && field !== '');
  if (!isComplete) throw new Error(`incomplete problem details: ${text.slice(0, 500)}`);
  if (text.length > 20_000) throw new Error(`problem details of ${text.length} characters`);
  return status;
};
