import { isOrigin } from '../../../wire/config.ts';
import { type HttpParameters, parseOfficeHours } from './http.ts';
import { parseNames } from './lists.ts';

const MODES = ['none', 'iam', 'jwt', 'key', 'public'];
const ENDPOINTS = ['api', 'url'];

/** The faults of the HTTP door's parameters: the name, what is wrong and what to do. */
export const httpFaults = (parameters: HttpParameters): readonly string[] => {
  const { http, httpEndpoint } = parameters;
  if (!MODES.includes(http)) return [`Parameter http is "${http}": use ${MODES.join(' or ')}.`];
  if (!ENDPOINTS.includes(httpEndpoint))
    return [`Parameter httpEndpoint is "${httpEndpoint}": use ${ENDPOINTS.join(' or ')}.`];
  return [
    ...numberFaults(parameters),
    ...keyFaults(parameters),
    ...jwtFaults(parameters),
    ...endpointFaults(parameters),
    ...corsFaults(parameters),
    ...warmFaults(parameters),
  ];
};

interface Range {
  readonly name:
    'httpRate' | 'httpBurst' | 'httpTimeout' | 'httpConcurrency' | 'httpPing' | 'httpMaxConcurrency';
  readonly from: number;
  readonly to: number;
}

const RANGES: readonly Range[] = [
  { name: 'httpRate', from: 1, to: 10_000 },
  { name: 'httpBurst', from: 1, to: 5_000 },
  { name: 'httpTimeout', from: 1, to: 900 },
  { name: 'httpConcurrency', from: 0, to: 10_000 },
  { name: 'httpPing', from: 0, to: 1_440 },
];

const numberFaults = (parameters: HttpParameters): string[] => {
  const optional: readonly Range[] =
    parameters.httpMaxConcurrency === '' ? [] : [{ name: 'httpMaxConcurrency', from: 1, to: 10_000 }];
  return [...RANGES, ...optional].flatMap(({ name, from, to }) => {
    const value = parameters[name];
    const isRight = /^\d{1,6}$/.test(value) && Number(value) >= from && Number(value) <= to;
    return isRight ? [] : [`Parameter ${name} is "${value}": give a whole number from ${from} to ${to}.`];
  });
};

const keyFaults = ({ http, httpKeySha256 }: HttpParameters): string[] => {
  if (http !== 'key')
    return httpKeySha256 === '' ? [] : [`Parameter httpKeySha256 is for http=key, and http is ${http}.`];
  return /^[\da-fA-F]{64}$/.test(httpKeySha256)
    ? []
    : [
        'Parameter http is key: give httpKeySha256, the sha256 of the key in 64 hexadecimal digits, ' +
          'as `printf %s "$KEY" | sha256sum` prints it.',
      ];
};

const jwtFaults = ({ http, httpJwtIssuer, httpJwtAudience, httpEndpoint }: HttpParameters): string[] => {
  if (http !== 'jwt') {
    const given = Object.entries({ httpJwtIssuer, httpJwtAudience }).filter(([, value]) => value !== '');
    return given.map(([name]) => `Parameter ${name} is for http=jwt, and http is ${http}.`);
  }
  const faults: string[] = [];
  if (!/^https:\/\/./.test(httpJwtIssuer) || !URL.canParse(httpJwtIssuer))
    faults.push('Parameter http is jwt: give httpJwtIssuer, the https address that tokens have as iss.');
  if (parseNames(httpJwtAudience).length === 0)
    faults.push('Parameter http is jwt: give httpJwtAudience, what tokens have as aud, several with commas.');
  if (httpEndpoint === 'url')
    faults.push('Parameter httpEndpoint is url: a Function URL checks no tokens. Use api for http=jwt.');
  return faults;
};

const endpointFaults = ({
  http,
  httpEndpoint,
  httpTimeout,
  httpMaxConcurrency,
}: HttpParameters): string[] => {
  if (http === 'none') return [];
  if (httpEndpoint === 'api')
    return Number(httpTimeout) > 29
      ? [
          `Parameter httpTimeout is ${httpTimeout}: an HTTP API waits 30 seconds; give 29 or less, or httpEndpoint=url.`,
        ]
      : [];
  return ['key', 'public'].includes(http) && httpMaxConcurrency === ''
    ? [
        `Parameter httpEndpoint is url and http is ${http}: anyone can call it, and it has no rate limit. ` +
          'Give httpMaxConcurrency, the most requests at a time, or use httpEndpoint=api.',
      ]
    : [];
};

const corsFaults = ({ http, httpEndpoint, httpCors }: HttpParameters): string[] => {
  const origins = parseNames(httpCors);
  const faults = origins
    .filter((origin) => !isOrigin(origin))
    .map((origin) => `Parameter httpCors has "${origin}": give origins like https://app.example.com, or *.`);
  if (origins.length > 0 && http === 'none')
    faults.push('Parameter httpCors is for a stage with http, and http is none.');
  if (origins.length > 0 && http === 'iam' && httpEndpoint === 'url')
    faults.push(
      'Parameter httpCors with http=iam needs httpEndpoint=api: a Function URL refuses the question that browsers ask first.',
    );
  return faults;
};

const warmFaults = ({
  http,
  httpConcurrency,
  httpOfficeHours,
  httpMaxConcurrency,
  httpPing,
}: HttpParameters): string[] => {
  const faults: string[] = [];
  if (http === 'none') {
    for (const [name, value] of Object.entries({ httpConcurrency, httpPing }))
      if (Number(value) > 0) faults.push(`Parameter ${name} is for a stage with http, and http is none.`);
  }
  if (httpOfficeHours !== '') {
    if (parseOfficeHours(httpOfficeHours) === undefined)
      faults.push(
        `Parameter httpOfficeHours is "${httpOfficeHours}": give days, hours and a time zone, like ` +
          '"MON-FRI 08:00-18:00 Europe/Berlin", within a day.',
      );
    if (Number(httpConcurrency) === 0)
      faults.push('Parameter httpOfficeHours needs httpConcurrency, the environments that are kept in them.');
  }
  if (httpMaxConcurrency !== '' && Number(httpConcurrency) > Number(httpMaxConcurrency))
    faults.push(
      `Parameter httpConcurrency is ${httpConcurrency}, over httpMaxConcurrency ${httpMaxConcurrency}.`,
    );
  return faults;
};
