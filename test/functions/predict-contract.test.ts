/** The built function, in the project's Lambda environment, does what every host of the prediction API must do. */
import type { LambdaEvent } from 'hono/aws-lambda';
import type { LambdaFunction } from '../../src/tools/emulators/lambda/function.ts';
import { type HttpRequest, LIMITS, predictApiContract } from '../contract/predict-api.ts';
import { HTTP_DOORS, HTTP_EVENTS, readAnswer } from '../support/http-events.ts';
import { startPredictFunction } from '../support/predict-function.ts';

const LIMIT_SETTINGS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, value]) => [name, String(value)]),
);

let predict: LambdaFunction;
const log: string[] = [];
beforeAll(async () => {
  const environment = { MODEL: 'banking77-tfidf', ...LIMIT_SETTINGS };
  predict = await startPredictFunction(environment, (line) => log.push(line));
}, 120_000);
afterAll(() => predict.close());

/** The value or values of each header. */
const listed = (headers: HttpRequest['headers']): Record<string, string | readonly string[]> => {
  const lists = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...lists].map(([name, all]) => {
      const [first = '', ...others] = all.map(([, value]) => value);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
};

describe.each(HTTP_DOORS)('behind %s', (door) => {
  const ask = async ({ method, target, headers, body }: HttpRequest) => {
    const [path = '', query] = target.split('?');
    const event: LambdaEvent = HTTP_EVENTS[door]({
      method,
      path,
      ...(query !== undefined && { query }),
      headers: listed(headers),
      ...(body !== undefined && { body: isText(body) ? body.toString() : body }),
    });
    const { payload, functionError } = await predict.invoke(event);
    expect(functionError).toBeUndefined();
    const answer = readAnswer(door, payload);
    // Nothing that the API says needs base64.
    expect(answer.isBase64).toBe(false);
    return { ...answer, body: Buffer.from(answer.body) };
  };

  predictApiContract(() => Promise.resolve({ ask, stop: () => Promise.resolve() }), { hasMetrics: false });
});

it('no request has ended the function, and no text is in its log', () => {
  expect(predict.stats()).toMatchObject({ coldStarts: 1, errors: 0 });
  expect(log.length).toBeGreaterThan(predict.stats().invocations);
  expect(log.filter((line) => /lost my card|new card|xxx|Karte|passwd/.test(line))).toEqual([]);
});

/** Hosts hand over a body as text where it is some. */
const isText = (body: Buffer): boolean => Buffer.from(body.toString()).equals(body);
