import { UserError } from '../../user-error.ts';
import { type FunctionVersion, type Live, readLive, readVersion } from '../live.ts';
import type { StageModels } from './stage-models.ts';

/** A function of a stage that has models. */
export interface ModelFunction {
  readonly functionName: string;
  /** What its alias leads to. */
  readonly live: Live;
  /** What its next version is made of. */
  readonly latest: FunctionVersion;
}

/**
 * The functions of a stage that have models, in the order in which they are changed. That of the stream is the last one:
 * its alias says which model the stage uses, so that a change that was cut short is done again by the same command.
 *
 * @throws UserError where one has no alias; the error of AWS where one may not be looked at
 */
export const modelFunctions = async ({
  lambda,
  live,
  latest,
  names,
  name,
}: StageModels): Promise<readonly ModelFunction[]> => {
  const others: ModelFunction[] = [];
  for (const functionName of names.otherFunctions) {
    const itsLatest = await readVersion(lambda, functionName);
    if (itsLatest === undefined) continue;
    const itsLive = await readLive(lambda, functionName);
    if (itsLive === undefined) {
      throw new UserError(
        `The function ${functionName} has no alias to move. Nothing was changed: deploy it again with ` +
          `\`npx serverless deploy --stage ${name}\`.`,
      );
    }
    others.push({ functionName, live: itsLive, latest: itsLatest });
  }
  return [...others, { functionName: names.functionName, live, latest }];
};
