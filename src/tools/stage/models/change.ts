import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { FunctionVersion } from '../live.ts';
import { LIVE_ALIAS } from '../../serverless-yml/names.ts';
import { UserError } from '../../user-error.ts';

/** The time limit for Lambda to make a function or version active. */
const READY_TIMEOUT_MS = 180_000;

/**
 * Waits until a version, or `$LATEST`, can be invoked and changed.
 * @throws UserError with Lambda's reason where it fails, and after three minutes
 */
export const untilReady = async (
  lambda: LambdaClient,
  functionName: string,
  version = '$LATEST',
): Promise<void> => {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version }),
    );
    const reason = LastUpdateStatus === 'Failed' ? LastUpdateStatusReason : StateReason;
    if (State === 'Failed' || LastUpdateStatus === 'Failed') {
      throw new UserError(`Lambda could not set up ${functionName}, version ${version}: ${reason}`);
    }
    if (State !== 'Pending' && LastUpdateStatus !== 'InProgress') return;
    if (performance.now() > deadline) {
      throw new UserError(
        `${functionName}, version ${version}, is still not ready: ${reason}. Try again later.`,
      );
    }
    await sleep(waitMs);
  }
};

/** Sets layers and environment of `$LATEST`, which gets no invocations, and waits until the update is complete. */
export const configureLatest = async (
  lambda: LambdaClient,
  functionName: string,
  { layers, variables }: Pick<FunctionVersion, 'layers' | 'variables'>,
): Promise<void> => {
  await untilReady(lambda, functionName);
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: functionName,
      Layers: [...layers],
      Environment: { Variables: variables },
    }),
  );
  await untilReady(lambda, functionName);
};

/** Points the alias to a version, and a share of the invocations (0 to 1) to another, if any. */
export const moveAlias = async (
  lambda: LambdaClient,
  functionName: string,
  version: string,
  canary?: { readonly version: string; readonly share: number },
): Promise<void> => {
  const weights = canary === undefined ? {} : { [canary.version]: canary.share };
  await lambda.send(
    new UpdateAliasCommand({
      FunctionName: functionName,
      Name: LIVE_ALIAS,
      FunctionVersion: version,
      // Without it a canary would continue.
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );
};
