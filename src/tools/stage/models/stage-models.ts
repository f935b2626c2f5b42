import { LambdaClient } from '@aws-sdk/client-lambda';
import { awsFault } from '../../aws-fault.ts';
import { type ModelNames, modelNames } from '../../serverless-yml/names.ts';
import { UserError } from '../../user-error.ts';
import { type FunctionVersion, type Live, readLive, readVersion } from '../live.ts';
import { openStage, placeOf, type Stage, type StageOptions } from '../stage.ts';

/** A deployed stage, as far as its models go. */
export interface StageModels extends Stage {
  readonly names: ModelNames;
  readonly lambda: LambdaClient;
  /** What the alias led to when the stage was opened. */
  readonly live: Live;
  /** What the next version is made of. */
  readonly latest: FunctionVersion;
  /** Where that is, for a person to check: account, region, stage. */
  readonly place: string;
}

/** @throws UserError where there are no credentials, or the stage is not deployed */
export const openStageModels = async (options: StageOptions): Promise<StageModels> => {
  const { root, stage: name } = options;
  const names = await modelNames(root, name);
  const stage = await openStage(options);
  const lambda = stage.client((settings) => new LambdaClient(settings));
  try {
    const { functionName } = names;
    const latest = await readVersion(lambda, functionName);
    if (latest === undefined) {
      throw new UserError(
        `Stage ${name} is not deployed in ${stage.region}: function ${functionName} not found. Deploy it with ` +
          `\`npx serverless deploy --stage ${name}\`, or name another --stage or --region.`,
      );
    }
    const live = await readLive(lambda, functionName);
    if (live === undefined) {
      throw new UserError(
        `The function ${functionName} has no alias to move: it was deployed before there was one. Deploy it again with ` +
          `\`npx serverless deploy --stage ${name}\`.`,
      );
    }
    return { ...stage, names, lambda, live, latest, place: placeOf(stage, latest.arn) };
  } catch (error) {
    stage.close();
    throw awsFault(error, 'looking at the function');
  }
};
