/** Where `serverless deploy` goes unless it is told otherwise: the region of `serverless.yml`. */
export const DEFAULT_REGION = 'us-east-1';

/** The first region that is named. One that is empty, as a script may set it, names none. */
export const firstRegion = (...named: readonly (string | undefined)[]): string | undefined =>
  named.find((name) => name !== undefined && name !== '');
