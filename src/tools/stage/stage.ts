import { regionOf } from '../serverless-yml/region.ts';

type Environment = NodeJS.ProcessEnv;

/** The options of every client of a stage. */
export interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
}

/** A deployed stage: its region and endpoints, and the clients for it. */
export interface Stage {
  /** The folder of `serverless.yml`. */
  readonly root: string;
  readonly name: string;
  readonly region: string;
  /** Makes a client of the stage, which `close` destroys. */
  client<Client extends { destroy(): void }>(make: (settings: ClientSettings) => Client): Client;
  close(): void;
}

export interface StageOptions {
  /** The folder of `serverless.yml`. */
  readonly root: string;
  readonly stage: string;
  /** Otherwise `AWS_REGION`, else that of `serverless.yml`. */
  readonly region?: string | undefined;
  readonly environment?: Environment;
}

/** These calls have no deadline: throttled calls are retried for long. */
const MAX_ATTEMPTS = 8;

/**
 * Opens a stage on AWS with the default credential provider chain, or at the endpoints of `AWS_ENDPOINT_URL…`. It makes
 * no call yet: the first call of a command shows whether the stage is deployed.
 *
 * @throws UserError where no region is set
 */
export const openStage = async ({ root, stage, region, environment }: StageOptions): Promise<Stage> => {
  const settings: ClientSettings = {
    region: await regionOf(root, region, environment),
    maxAttempts: MAX_ATTEMPTS,
  };
  const clients: { destroy(): void }[] = [];
  return {
    root,
    name: stage,
    region: settings.region,
    client: (make) => {
      const client = make(settings);
      clients.push(client);
      return client;
    },
    close: () => clients.forEach((client) => client.destroy()),
  };
};

/** Account, region and stage, for the user to check before anything is changed. @param arn of a part of the stage */
export const placeOf = ({ region, name }: Pick<Stage, 'region' | 'name'>, arn: string): string =>
  `account ${arn.split(':')[4]}, ${region}, stage ${name}`;
