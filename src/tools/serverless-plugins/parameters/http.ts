import { must } from '../../../errors.ts';
import { parseNames } from './lists.ts';

/** The parameters of the HTTP door that decide which resources a stage has. */
export const HTTP_PARAMETERS = [
  'http',
  'httpEndpoint',
  'httpKeySha256',
  'httpJwtIssuer',
  'httpJwtAudience',
  'httpRate',
  'httpBurst',
  'httpMaxConcurrency',
  'httpTimeout',
  'httpCors',
  'httpConcurrency',
  'httpOfficeHours',
  'httpPing',
] as const;

export type HttpParameters = Readonly<Record<(typeof HTTP_PARAMETERS)[number], string>>;

/** What follows from them; the first three are files of `src/infrastructure/http`, or none. */
export interface ChosenHttp {
  readonly function: 'function' | 'none';
  readonly endpoint: 'api' | 'url' | 'none';
  readonly hours: 'office-hours' | 'none';
  /** Of the function: routes of an HTTP API, pings. */
  readonly events: readonly HttpEvent[];
  /** The function's URL; null where it has none. */
  readonly url: { readonly authorizer?: 'aws_iam' } | true | null;
  readonly audience: readonly string[];
  /** Invocations at a time; null for no limit of its own. */
  readonly maxConcurrency: number | null;
  /** Environments that are always kept initialized; null where there are none. */
  readonly concurrency: number | null;
  readonly officeHours: OfficeHours | null;
}

export interface OfficeHours {
  /** Expressions for scheduled actions of Application Auto Scaling. */
  readonly open: string;
  readonly close: string;
  /** Of the IANA time zone database: `Europe/Berlin`. */
  readonly timezone: string;
}

type HttpEvent = { readonly httpApi: HttpRoute } | { readonly schedule: Schedule };

interface HttpRoute {
  readonly method: string;
  readonly path: string;
  readonly authorizer?: { readonly type: 'aws_iam' } | { readonly name: 'jwt' };
}

interface Schedule {
  readonly rate: readonly string[];
  readonly input: { readonly labelstream: 'ping' };
}

/** What a stage with these parameters has, in which `httpFaults` finds no fault. */
export const chooseHttp = (parameters: HttpParameters): ChosenHttp => {
  const { http, httpEndpoint, httpMaxConcurrency, httpConcurrency } = parameters;
  const isOpen = http !== 'none';
  const endpoint = isOpen ? (httpEndpoint as 'api' | 'url') : 'none';
  const officeHours = isOpen ? (parseOfficeHours(parameters.httpOfficeHours) ?? null) : null;
  const concurrency = isOpen ? Number(httpConcurrency) : 0;
  return {
    function: isOpen ? 'function' : 'none',
    endpoint,
    hours: officeHours === null ? 'none' : 'office-hours',
    events: [...(endpoint === 'api' ? routes(parameters) : []), ...(isOpen ? pings(parameters) : [])],
    url: endpoint === 'url' ? (http === 'iam' ? { authorizer: 'aws_iam' } : true) : null,
    audience: parseNames(parameters.httpJwtAudience),
    maxConcurrency: !isOpen || httpMaxConcurrency === '' ? null : Number(httpMaxConcurrency),
    concurrency: concurrency > 0 && officeHours === null ? concurrency : null,
    officeHours,
  };
};

const AUTHORIZERS: Readonly<Record<string, NonNullable<HttpRoute['authorizer']>>> = {
  iam: { type: 'aws_iam' },
  jwt: { name: 'jwt' },
};

/** All requests go to the function, which knows the paths. */
const routes = ({ http, httpCors }: HttpParameters): readonly HttpEvent[] => {
  const authorizer = AUTHORIZERS[http];
  if (authorizer === undefined) return [{ httpApi: { method: '*', path: '*' } }];
  // Browsers ask without credentials whether a page may call.
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
  const preflight = httpCors === '' ? [] : ['/', '/{proxy+}'];
  return [
    { httpApi: { method: '*', path: '*', authorizer } },
    ...preflight.map((path) => ({ httpApi: { method: 'OPTIONS', path } })),
  ];
};

const pings = ({ httpPing }: HttpParameters): readonly HttpEvent[] => {
  const minutes = Number(httpPing);
  if (minutes === 0) return [];
  const rate = `rate(${minutes} minute${minutes === 1 ? '' : 's'})`;
  return [{ schedule: { rate: [rate], input: { labelstream: 'ping' } } }];
};

const HOURS =
  /^(?<days>[A-Z]{3}(?:[-,][A-Z]{3})*) (?<from>[0-2]\d:[0-5]\d)-(?<to>[0-2]\d:[0-5]\d) (?<timezone>[\w+-]+(?:\/[\w+-]+)*)$/;
const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

/** `MON-FRI 08:00-18:00 Europe/Berlin`; undefined where it is none. */
export const parseOfficeHours = (written: string): OfficeHours | undefined => {
  const { days, from, to, timezone } = HOURS.exec(written)?.groups ?? {};
  if (days === undefined || !days.split(/[-,]/).every((day) => DAYS.includes(day))) return undefined;
  const at = [from, to].map((time) => must(time, 'time of office hours'));
  if (at.some((time) => time > '23:59') || must(at[0], 'opening') >= must(at[1], 'closing')) return undefined;
  if (!isTimezone(must(timezone, 'time zone'))) return undefined;
  const [open, close] = at.map((time) => {
    const [hour, minute] = time.split(':').map(Number);
    return `cron(${minute} ${hour} ? * ${days} *)`;
  });
  return {
    open: must(open, 'opening'),
    close: must(close, 'closing'),
    timezone: must(timezone, 'time zone'),
  };
};

/** Hours of a week in which environments are kept; undefined where these are no office hours. */
export const officeHoursPerWeek = (written: string): number | undefined => {
  if (parseOfficeHours(written) === undefined) return undefined;
  const { days = '', from, to } = HOURS.exec(written)?.groups ?? {};
  const [opened, closed] = [from, to].map((time) => {
    const [hour, minute] = must(time, 'time of office hours').split(':').map(Number);
    return must(hour, 'hour') + must(minute, 'minute') / 60;
  });
  return daysOf(days) * (must(closed, 'closing') - must(opened, 'opening'));
};

/** `MON-FRI,SUN` is six. */
const daysOf = (days: string): number =>
  days.split(',').reduce((sum, range) => {
    const [first, last = first] = range.split('-').map((day) => DAYS.indexOf(day));
    return sum + ((must(last, 'day') - must(first, 'day') + DAYS.length) % DAYS.length) + 1;
  }, 0);

const isTimezone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};
