import { type HttpParameters, officeHoursPerWeek } from '../../serverless-plugins/parameters/http.ts';
import { type Section, tableSection } from '../../report/section.ts';
import { MEASURED, type MeasuredModel } from '../measured.ts';
import { monthChart } from '../endpoint.ts';
import { HOURS_PER_MONTH, PRICES } from '../prices.ts';
import { type Architecture, lambdaTime, MONTH_SECONDS, textSeconds } from './lambda-time.ts';

export interface HttpRequest {
  /** A month. */
  readonly requests: number;
  /** Of a request. */
  readonly texts: number;
  readonly measured: MeasuredModel;
  readonly textLength: number;
  /** MB of the function. */
  readonly memory: number;
  readonly architecture: Architecture;
  readonly parameters: Pick<HttpParameters, 'httpConcurrency' | 'httpOfficeHours' | 'httpPing'>;
}

/** US dollars a month. */
export interface HttpMonth {
  readonly endpoint: number;
  readonly lambdaRequests: number;
  readonly lambdaTime: number;
  readonly logs: number;
  /** Environments that are kept initialized. */
  readonly kept: number;
  readonly pings: number;
  /** Six metrics and five alarms. */
  readonly watch: number;
  readonly total: number;
}

/** Bytes of the logs of a request: the function's line and report, and the HTTP API's own line. */
const LOG_BYTES = { api: 1_500, url: 1_200 } as const;
const METERED_KB = 512;
const METRICS = 6;
const ALARMS = 5;

/** What requests for predictions cost. Those that come while environments are kept are taken to be answered by these. */
export const httpMonth = (request: HttpRequest, endpoint: 'api' | 'url'): HttpMonth => {
  const { requests, texts, measured, textLength, memory, architecture, parameters } = request;
  const { lambda, apiGateway, cloudWatch } = PRICES;
  const { kept, gbSecond } = lambda.provisioned[architecture];
  const environments = Number(parameters.httpConcurrency);
  const share = environments === 0 ? 0 : keptShare(parameters.httpOfficeHours);
  const each = MEASURED.requestMs / 1000 + texts * textSeconds(measured, textLength);
  const timeAt = (price: number): number => lambdaTime(requests * each, memory, price);
  const calls = Math.ceil((texts * textLength) / (METERED_KB * 1024));
  const everyMinutes = Number(parameters.httpPing);
  const pings = everyMinutes === 0 ? 0 : (HOURS_PER_MONTH * 60) / everyMinutes;
  const month = {
    endpoint: endpoint === 'api' ? requests * calls * apiGateway.request : 0,
    lambdaRequests: requests * lambda.request,
    lambdaTime: share * timeAt(gbSecond) + (1 - share) * timeAt(lambda.gbSecond[architecture]),
    logs: ((requests * LOG_BYTES[endpoint]) / 1e9) * cloudWatch.logGB,
    kept: environments * (memory / 1024) * MONTH_SECONDS * share * kept,
    pings:
      pings * (lambda.request + lambdaTime(MEASURED.requestMs / 1000, memory, lambda.gbSecond[architecture])),
    watch: METRICS * cloudWatch.metric + ALARMS * cloudWatch.alarm,
  };
  return { ...month, total: Object.values(month).reduce((sum, part) => sum + part, 0) };
};

const HOURS_PER_WEEK = 168;

/** The part of the time in which environments are kept. */
const keptShare = (hours: string): number => (officeHoursPerWeek(hours) ?? HOURS_PER_WEEK) / HOURS_PER_WEEK;

const ROWS: readonly (readonly [key: keyof HttpMonth, name: string])[] = [
  ['endpoint', 'endpoint'],
  ['lambdaRequests', 'Lambda requests'],
  ['lambdaTime', 'Lambda time'],
  ['logs', 'logs'],
  ['kept', 'environments kept initialized'],
  ['pings', 'pings'],
  ['watch', 'metrics and alarms'],
  ['total', 'together'],
];

/** Both endpoints side by side, US dollars a month. */
export const httpSection = (request: HttpRequest): Section => {
  const { requests, texts, parameters } = request;
  const [api, url] = (['api', 'url'] as const).map((endpoint) => httpMonth(request, endpoint));
  const { httpConcurrency, httpOfficeHours, httpPing } = parameters;
  const hours = httpOfficeHours === '' ? 'always' : httpOfficeHours;
  return {
    ...tableSection(
      'http',
      `HTTP: ${requests.toLocaleString('en-US')} requests a month, texts of each: ${texts.toLocaleString('en-US')}`,
      [
        { key: 'part', head: '$ a month' },
        { key: 'api', head: 'HTTP API', digits: 2 },
        { key: 'url', head: 'Function URL', digits: 2 },
      ],
      ROWS.map(([key, part]) => ({ part, api: api?.[key] ?? null, url: url?.[key] ?? null })),
    ),
    charts: [monthChart({ 'HTTP API': api?.total ?? 0, 'Function URL': url?.total ?? 0 })],
    notes: [
      ...(Number(httpConcurrency) > 0 ? [`httpConcurrency ${httpConcurrency}, ${hours}`] : []),
      ...(Number(httpPing) > 0 ? [`httpPing: an invocation every ${httpPing} minutes`] : []),
      `Six metrics and five alarms; a dashboard beyond the account's three is $${PRICES.cloudWatch.dashboard} more.`,
    ],
  };
};
