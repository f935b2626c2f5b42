import { DeleteFunctionCommand, type LambdaClient, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { must } from '../../../errors.ts';
import { UserError } from '../../user-error.ts';
import { chosen, describeChoice } from '../chosen-model.ts';
import { askVersion } from './ask.ts';
import { configureLatest, untilReady } from './change.ts';
import { verifyModel } from './check-examples.ts';
import { mismatchText } from './examples.ts';
import type { ModelFunction } from './functions.ts';
import type { StageModels } from './stage-models.ts';

/** A function that gets a version with the model. */
export interface ToPublish {
  readonly subject: ModelFunction;
  /** ARNs of the layers of that version. */
  readonly layers: readonly string[];
}

/** What was begun for a function: its next version is made of other settings, and perhaps there. */
export interface Begun {
  readonly subject: ModelFunction;
  version?: string;
}

/**
 * Publishes a version of each function with a model and, if wanted, checks the model's examples on it; no version gets
 * invocations. Where one fails, nothing of any stays.
 *
 * @returns the versions, in their order
 * @throws UserError with what failed, and what became of the versions
 */
export const publishVersions = async (
  stage: StageModels,
  id: string,
  functions: readonly ToPublish[],
  verify: boolean,
): Promise<readonly Begun[]> => {
  const begun: Begun[] = [];
  try {
    for (const { subject, layers } of functions) {
      const one: Begun = { subject };
      begun.push(one);
      const { functionName, latest, live } = subject;
      const before = live.main.version;
      await configureLatest(stage.lambda, functionName, {
        layers,
        variables: chosen(latest.variables, id, before),
      });
      one.version = await publish(stage.lambda, subject, id);
      if (verify) await check(stage, id, functionName, one.version);
    }
    return begun;
  } catch (cause) {
    throw await undone(stage.lambda, begun, cause);
  }
};

const publish = async (
  lambda: LambdaClient,
  { functionName, latest, live }: ModelFunction,
  id: string,
): Promise<string> => {
  const { Version } = await lambda.send(
    new PublishVersionCommand({
      FunctionName: functionName,
      CodeSha256: latest.codeSha256,
      Description: describeChoice(id, live.main.version),
    }),
  );
  const version = must(Version, 'Version of PublishVersion');
  await untilReady(lambda, functionName, version);
  return version;
};

const check = async (
  { root, lambda }: StageModels,
  id: string,
  functionName: string,
  version: string,
): Promise<void> => {
  const ask = askVersion(lambda, functionName, version);
  const { examples, mismatches } = await verifyModel(root, ask, id);
  if (mismatches.length > 0)
    throw new UserError(`${functionName}: ${mismatchText(id, examples, mismatches)}`);
};

/**
 * Restores what the next version of each function is made of, and deletes the versions.
 * @returns what became of each function, in words
 */
export const undo = async (lambda: LambdaClient, begun: readonly Begun[]): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const { subject, version } of begun.toReversed()) {
    const { functionName, latest, live } = subject;
    try {
      await configureLatest(lambda, functionName, latest);
      if (version === undefined) continue;
      await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
      lines.push(
        `Version ${version} of ${functionName} was deleted; version ${live.main.version} stays in use.`,
      );
    } catch (error) {
      const left = version === undefined ? 'settings' : `settings and version ${version}`;
      lines.push(`${functionName} keeps ${left}, which get no invocations: ${reasonOf(error)}`);
    }
  }
  return lines;
};

/** @returns an error with the reason, and what became of each function */
export const undone = async (
  lambda: LambdaClient,
  begun: readonly Begun[],
  cause: unknown,
): Promise<UserError> =>
  new UserError([reasonOf(cause), ...(await undo(lambda, begun)), 'No function was moved.'].join('\n'), {
    cause,
  });

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
