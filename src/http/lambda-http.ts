import { defaultIsContentTypeBinary, handle, type LambdaEvent } from 'hono/aws-lambda';
import type { Hono } from 'hono';
import { isObject } from '../dynamodb-json/attributes.ts';
import { must } from '../errors.ts';
import type { RequestReport } from './predict-api.ts';
import { Problem, problemResponse, statusOf } from './problem.ts';

/** The answer to an HTTP event, in the shape that its sender takes. */
export interface HttpResult {
  readonly statusCode: number;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly cookies?: readonly string[];
  /** One of these, as the event has them. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | undefined;
}

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
export const lambdaHttp = (
  api: Hono,
  report?: RequestReport,
): ((event: LambdaEvent) => Promise<HttpResult>) => {
  const answer: (event: LambdaEvent) => Promise<HttpResult> = handle(api, { isContentTypeBinary });
  return async (received) => {
    if (!isHttp(received)) throw new TypeError(NOT_HTTP);
    const event = withoutStage(withoutUnexpectedBody(received));
    const fault = faultOf(event);
    if (fault !== undefined) {
      report?.({ method: '*', route: '*', status: statusOf(fault), models: [], texts: 0, ms: 0 });
      return refusal(event, fault);
    }
    const result = await answer(event);
    return isTooLarge(result) ? refusal(event, TOO_LARGE) : result;
  };
};

const NOT_HTTP = 'The event is not one of an HTTP API, a Function URL, a REST API or a load balancer.';

const isHttp = (event: unknown): boolean =>
  isObject(event) && isObject(event.requestContext) && typeof methodOf(event as never) === 'string';

const TOO_LARGE = new Problem(
  'TooLarge',
  'the answer is over the 6 MB that Lambda takes: send fewer texts in a request, or ask for fewer labels with top_k',
);

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
  /^(GET|HEAD)$/i.test(must(methodOf(event), 'method')) ? { ...event, body: null } : event;

/** @returns undefined where the event is none of HTTP */
const methodOf = (event: LambdaEvent): string | undefined => {
  if ('httpMethod' in event) return event.httpMethod;
  const { http }: { http?: { method: string } } = event.requestContext as object;
  return 'rawPath' in event ? http?.method : event.method;
};

/** A token, as HTTP calls it. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Why no `Request` can be made of an event; it quotes nothing of it. */
const faultOf = (event: LambdaEvent): Problem | undefined => {
  const method = must(methodOf(event), 'method');
  // A `Request` cannot have these.
  if (!TOKEN.test(method) || /^(CONNECT|TRACE|TRACK)$/i.test(method))
    return new Problem('MethodNotAllowed', 'the methods are GET and POST', {
      headers: { Allow: 'GET, POST' },
    });
  try {
    const host = new Headers(headersOf(event)).get('host');
    // The adapter takes the host of a load balancer's event from the header.
    if (host === null || URL.canParse(`https://${host}/`)) return undefined;
    return new Problem('BadRequest', 'the header Host is not a host name');
  } catch {
    return new Problem('BadRequest', 'a header has characters that HTTP does not allow');
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
const ASCII = /^[\x00-\x7f]*$/;

const isTooLarge = (result: HttpResult): boolean =>
  result.body.length > SURELY_SMALL && Buffer.byteLength(JSON.stringify(result)) > MAX_RESPONSE_BYTES;

/** What the event's sender gets in place of an answer. */
const refusal = async (event: LambdaEvent, problem: Problem): Promise<HttpResult> => {
  const response = problemResponse(problem);
  const headers = [...response.headers];
  const result = { statusCode: response.status, body: await response.text(), isBase64Encoded: false };
  return 'multiValueHeaders' in event && event.multiValueHeaders
    ? { ...result, multiValueHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])) }
    : { ...result, headers: Object.fromEntries(headers) };
};
