import type { Said } from '../../../models/folder/examples.ts';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { VerifyAnswer, VerifyRequest } from '../../../pipeline/verify-request.ts';
import { UserError } from '../../user-error.ts';

/** What a model says of inputs. */
export type Answers = VerifyAnswer<Exclude<Said, { readonly error: string }>>;

/** Asks a model: by the deployed function, or one that runs locally. */
export type Ask = (request: VerifyRequest) => Promise<Answers>;

/**
 * An `Ask` with a version of a deployed function.
 * @throws UserError (on the call) with the function's error
 */
export const askVersion =
  (lambda: LambdaClient, functionName: string, version: string): Ask =>
  async (request) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        Qualifier: version,
        Payload: Buffer.from(JSON.stringify(request)),
      }),
    );
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
    if (FunctionError === undefined && isAnswer(answer)) return answer;
    const { errorType = FunctionError, errorMessage = 'it does not know such requests; deploy it again' } =
      (answer ?? {}) as { readonly errorType?: string; readonly errorMessage?: string };
    throw new UserError(
      `Version ${version} of ${functionName} cannot be verified: ${errorType ?? 'no answer'}: ${errorMessage}`,
    );
  };

const isAnswer = (answer: unknown): answer is Answers =>
  typeof answer === 'object' && answer !== null && 'model' in answer && 'predictions' in answer;
