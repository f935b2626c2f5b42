import { LambdaClient } from '@aws-sdk/client-lambda';
import { told, StageError } from './errors.ts';
import { type FunctionVersion, type Live, readLive, readVersion } from './live.ts';
import { type ModelNames, modelNames } from '../serverless-yml/names.ts';

/** A deployed stage, as far as its models go. */
export interface Stage {
  readonly root: string;
  readonly name: string;
  readonly names: ModelNames;
  readonly lambda: LambdaClient;
  readonly region: string;
  /** What the alias led to when the stage was opened. */
  readonly live: Live;
  /** What the next version is made of. */
  readonly latest: FunctionVersion;
  /** Where that is, for a person to check: account, region, stage. */
  readonly place: string;
  close(): void;
}

export interface StageOptions {
  /** The folder of `serverless.yml`. */
  readonly root: string;
  readonly stage: string;
  /** Otherwise that of `serverless.yml`, as for a deployment. */
  readonly region?: string;
}

/**
 * Leads to a stage on AWS by the default chain of credentials, or wherever `AWS_ENDPOINT_URL` points.
 *
 * @throws StageError where there are no credentials, or the stage is not deployed
 */
export const openStage = async ({ root, stage, region }: StageOptions): Promise<Stage> => {
  const names = await modelNames(root, stage);
  const chosen = region ?? names.region;
  const lambda = new LambdaClient({ region: chosen, maxAttempts: 8 });
  const close = (): void => lambda.destroy();
  try {
    const { functionName } = names;
    const latest = await readVersion(lambda, functionName);
    if (latest === undefined) {
      throw new StageError(
        `Stage ${stage} is not deployed in ${chosen}: there is no function ${functionName}. Deploy it with ` +
          `\`npx serverless deploy --stage ${stage}\`, or name another --stage or --region.`,
      );
    }
    const live = await readLive(lambda, functionName);
    if (live === undefined) {
      throw new StageError(
        `The function ${functionName} has no alias to move: it was deployed before there was one. Deploy it again with ` +
          `\`npx serverless deploy --stage ${stage}\`.`,
      );
    }
    const place = `account ${latest.arn.split(':')[4]}, ${chosen}, stage ${stage}`;
    return { root, name: stage, names, lambda, region: chosen, live, latest, place, close };
  } catch (error) {
    close();
    throw told(error, 'looking at the function');
  }
};
