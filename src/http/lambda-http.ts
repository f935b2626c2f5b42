import { defaultIsContentTypeBinary, handle, type LambdaEvent } from 'hono/aws-lambda';
import type { Hono } from 'hono';

/** The answer to an HTTP event, in the shape that its sender takes. */
export type HttpResult = Awaited<ReturnType<ReturnType<typeof handle>>>;

/** What Lambda takes of a function's answer, as JSON. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6_291_556;

/** JSON may take six bytes for a byte of text. */
const SURELY_SMALL = MAX_RESPONSE_BYTES / 6 - 10_000;

/**
 * Answers the events of HTTP APIs (payload 2.0), Function URLs, REST APIs (1.0) and load balancers with an API.
 *
 * Hono's adapter logs what it cannot make a `Request` of, with the URL, in which there may be a text: such an event is
 * refused before.
 */
export const lambdaHttp = (api: Hono): ((event: LambdaEvent) => Promise<HttpResult>) => {
  const answer = handle(api, { isContentTypeBinary });
  return async (received) => {
    const event = withoutStage(withoutUnexpectedBody(received));
    const fault = faultOf(event);
    if (fault !== undefined) return refusal(event, 400, 'Bad Request', fault);
    const result = await answer(event);
    return isTooLarge(result) ? refusal(event, 413, 'Content Too Large', TOO_LARGE) : result;
  };
};

const TOO_LARGE =
  'The answer is over the 6 MB that Lambda takes: send fewer texts in a request, or ask for fewer labels with top_k.';

/** All that the API answers with is text, for which the adapter does not take JSON lines. */
const isContentTypeBinary = (type: string): boolean =>
  !/^application\/(jsonlines|x-ndjson|openmetrics-text)\b/i.test(type) && defaultIsContentTypeBinary(type);

/** HTTP APIs put a stage that has a name before the path; REST APIs do not. */
const withoutStage = (event: LambdaEvent): LambdaEvent => {
  if (!('rawPath' in event)) return event;
  const { stage } = event.requestContext;
  const prefix = `/${stage}`;
  const hasIt = stage !== '$default' && `${event.rawPath}/`.startsWith(`${prefix}/`);
  return hasIt ? { ...event, rawPath: event.rawPath.slice(prefix.length) || '/' } : event;
};

/** A `Request` of these methods cannot have a body, which HTTP allows and servers ignore. */
const withoutUnexpectedBody = (event: LambdaEvent): LambdaEvent =>
  /^(GET|HEAD)$/i.test(methodOf(event)) ? ({ ...event, body: null } as LambdaEvent) : event;

const methodOf = (event: LambdaEvent): string => {
  if ('httpMethod' in event) return event.httpMethod;
  return 'rawPath' in event ? event.requestContext.http.method : event.method;
};

/** Why no `Request` can be made of an event; it quotes nothing of it. */
const faultOf = (event: LambdaEvent): string | undefined => {
  if (/^(CONNECT|TRACE|TRACK)$/i.test(methodOf(event)))
    return 'The method is not supported: use GET or POST.';
  const headers = headersOf(event);
  try {
    const host = new Headers(headers).get('host');
    // The adapter takes the host of a load balancer's event from the header.
    return host === null || URL.canParse(`https://${host}/`)
      ? undefined
      : 'The header Host is not a host name.';
  } catch {
    return 'A header has characters that HTTP does not allow.';
  }
};

/** Every name and value, as the adapter hands them over. */
const headersOf = (event: LambdaEvent): [name: string, value: string][] => {
  const { multiValueHeaders = {} } = event as { multiValueHeaders?: LambdaHeaders | null };
  return Object.entries({ ...(event.headers as LambdaHeaders), ...multiValueHeaders }).flatMap(
    ([name, values]) =>
      [values ?? []].flat().map((value): [string, string] => [name, ASCII.test(value) ? value : '']),
  );
};

type LambdaHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Other values are percent-encoded by the adapter. */
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

const isTooLarge = (result: HttpResult): boolean =>
  result.body.length > SURELY_SMALL && Buffer.byteLength(JSON.stringify(result)) > MAX_RESPONSE_BYTES;

const refusal = (event: LambdaEvent, statusCode: number, title: string, detail: string): HttpResult => {
  const problem = {
    type: 'about:blank',
    title,
    status: statusCode,
    detail,
    error: detail,
    error_type: 'Validation',
  };
  const type = 'application/problem+json';
  const result = { statusCode, body: JSON.stringify(problem), isBase64Encoded: false };
  return 'multiValueHeaders' in event && event.multiValueHeaders
    ? { ...result, multiValueHeaders: { 'content-type': [type] } }
    : { ...result, headers: { 'content-type': type } };
};
