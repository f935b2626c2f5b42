import { regionOf } from '../serverless-yml/region.ts';

type Environment = NodeJS.ProcessEnv;

/** What every client of a stage is made with. */
export interface ClientSettings {
  readonly region: string;
  readonly maxAttempts: number;
}

/** A deployed stage, as every command sees it: where it is, and clients that reach it. */
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

/** Nobody waits for these calls: throttling is waited out. */
const MAX_ATTEMPTS = 8;

/**
 * Leads to a stage on AWS by the default chain of credentials, or wherever `AWS_ENDPOINT_URL…` point. It asks nothing
 * yet: what a command works on says whether the stage is deployed.
 *
 * @throws UserError where no region is named
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

/** Account, region and stage, for a person to check before anything is changed. @param arn of a part of the stage */
export const placeOf = ({ region, name }: Pick<Stage, 'region' | 'name'>, arn: string): string =>
  `account ${arn.split(':')[4]}, ${region}, stage ${name}`;
