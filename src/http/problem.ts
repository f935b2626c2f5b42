import { describeError, errorName, type PermanentError, type RejectCode } from '../errors.ts';
import { CallerGoneError } from './caller-gone-error.ts';
import { OverloadedError } from './overloaded-error.ts';

const kinds = {
  BadRequest: [400, 'Bad Request'],
  Unauthorized: [401, 'Unauthorized'],
  NotFound: [404, 'Not Found'],
  MethodNotAllowed: [405, 'Method Not Allowed'],
  TooLarge: [413, 'Content Too Large'],
  UnsupportedMediaType: [415, 'Unsupported Media Type'],
  Validation: [422, 'Unprocessable Content'],
  Tokenizer: [422, 'Unprocessable Content'],
  Overloaded: [429, 'Too Many Requests'],
  // Only logs and metrics see it, under the status that nginx gives it.
  ClientClosed: [499, 'Client Closed Request'],
  Backend: [500, 'Internal Server Error'],
  Unhealthy: [503, 'Service Unavailable'],
} as const;

/** The kind of an error: those that Text Embeddings Inference has bear its names. */
export type ErrorType = keyof typeof kinds;

/** The kinds that clients see. */
export const ERROR_TYPES = (Object.keys(kinds) as readonly ErrorType[]).filter(
  (type) => type !== 'ClientClosed',
);

/** What is wrong in one place of a request. */
export interface Fault {
  /** Where: a JSON pointer into the body, `/inputs/1`; the name of a parameter or header otherwise. */
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions extends ErrorOptions {
  readonly faults?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that cannot be answered: its message is for the client. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ErrorType;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    type: ErrorType,
    detail: string,
    { faults = [], headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(detail, options);
    this.type = type;
    this.faults = faults;
    this.headers = headers;
  }
}

/** A fault as a sentence; the whole body has an empty pointer. */
export const placed = ({ pointer, detail }: Fault): string =>
  pointer === '' ? detail : `${pointer}: ${detail}`;

/** A request whose content is at fault in one place. */
export const invalid = (pointer: string, detail: string): Problem =>
  new Problem('Validation', placed({ pointer, detail }), { faults: [{ pointer, detail }] });

/** More faults would tell no more. */
export const MAX_FAULTS = 10;

/** What an answer says in place of the labels of a text that cannot be classified. */
export interface InputError {
  readonly error: string;
  readonly error_type: ErrorType;
}

const typesByCode: Partial<Record<RejectCode, ErrorType>> = {
  'inference-failed': 'Tokenizer',
  'bad-score': 'Backend',
};

/** The error of one text of several. */
export const inputError = ({ code, message }: PermanentError): InputError => ({
  error: message,
  error_type: typesByCode[code] ?? 'Validation',
});

/** The error of the only text of a request: the client's, also where the model could not make anything of it. */
export const inputProblem = (error: PermanentError): Problem => {
  const type = inputError(error).error_type === 'Validation' ? 'Validation' : 'Tokenizer';
  const faults = [{ pointer: '/inputs', detail: error.message }];
  return new Problem(type, error.message, { faults, cause: error });
};

/** The model failed as a whole, or there is too much to do. @returns a problem that tells nothing of the inside */
export const modelProblem = (error: Error): Problem => {
  if (causeOf(error, CallerGoneError) !== undefined)
    return new Problem('ClientClosed', 'the client closed the connection', { cause: error });
  const overload = causeOf(error, OverloadedError);
  if (overload === undefined)
    return new Problem('Backend', 'the model failed; the log of the server has the reason', { cause: error });
  return new Problem('Overloaded', overload.message, {
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(overload.retryAfterSeconds))) },
    cause: error,
  });
};

/** The first error of a kind among an error and its causes. */
const causeOf = <Kind extends Error>(
  error: unknown,
  kind: abstract new (...given: never) => Kind,
): Kind | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return at;
  return undefined;
};

/** Whatever was thrown as a problem for the client: one that was not foreseen says nothing of its reason. */
export const toProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem('Backend', 'an error of the server, not of the request; its log has the reason', {
        cause: error,
      });

export const statusOf = ({ type }: Problem): number => kinds[type][0];

/** Why a request failed by the server's fault, for its log; undefined where it did not. */
export const failureOf = (problem: Problem): string | undefined => {
  if (statusOf(problem) < 500) return undefined;
  return problem.cause === undefined ? errorName(problem) : describeError(problem.cause);
};

/**
 * A problem as problem details (RFC 9457), in which Hugging Face's clients, Text Embeddings Inference's and KServe's
 * find their error as well.
 */
export const problemResponse = (problem: Problem): Response => {
  const { type, message, faults, headers } = problem;
  const [status, title] = kinds[type];
  const body = {
    type: 'about:blank',
    title,
    status,
    detail: message,
    error: message,
    error_type: type,
    // huggingface_hub shows `message`.
    ...(faults.length > 0 && {
      errors: faults
        .slice(0, MAX_FAULTS)
        .map(({ pointer, detail }) => ({ pointer, detail, message: placed({ pointer, detail }) })),
    }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
  });
};
