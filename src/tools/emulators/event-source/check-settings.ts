import type { EventSourceSettings } from './settings.ts';

type Limited = Exclude<
  {
    [Name in keyof EventSourceSettings]: EventSourceSettings[Name] extends number ? Name : never;
  }[keyof EventSourceSettings],
  never
>;

/** AWS's limits, except that shorter windows and ages (AWS: whole seconds; 60) are valid, so that tests are fast. */
const LIMITS: Readonly<Record<Limited, readonly [number, number]>> = {
  batchSize: [1, 10_000],
  windowSeconds: [0, 300],
  parallelizationFactor: [1, 10],
  maximumRetryAttempts: [-1, 10_000],
  maximumRecordAgeSeconds: [-1, 604_800],
};

/**
 * @returns the settings
 * @throws RangeError for the first that AWS would refuse
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export const checkSettings = (settings: EventSourceSettings): EventSourceSettings => {
  for (const name of Object.keys(LIMITS) as Limited[]) {
    const value = settings[name];
    const [least, most] = LIMITS[name];
    if (!(value >= least && value <= most)) {
      throw new RangeError(`The mapping's ${name} is ${value}: it has to be between ${least} and ${most}`);
    }
  }
  return settings;
};
