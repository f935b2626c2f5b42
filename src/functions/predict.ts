import middy from '@middy/core';
import type { LambdaEvent } from 'hono/aws-lambda';
import { lambdaHttp } from '../http/lambda-http.ts';
import { predictApi, type RequestReport } from '../http/predict-api.ts';
import { pinged } from '../pipeline/ping.ts';
import { verification } from '../pipeline/verify-request.ts';
import { answerTelemetry } from '../telemetry/answers.ts';
import { requestTelemetry } from '../telemetry/requests.ts';
import { wirePredict } from '../wire/predict.ts';

const { modelFault, modelUse, request } = requestTelemetry();
const { answered, report: reportAnswers } = answerTelemetry();
const report: RequestReport = (reported) => {
  request(reported);
  reportAnswers();
};

/** The API and its models; a rejection before the first invocation fails the init. */
export const ready = wirePredict(process.env, { onFault: modelFault, onUse: modelUse }).then((parts) => ({
  models: parts.models,
  answer: lambdaHttp(predictApi({ ...parts, report, answered }), report),
}));

/** Answers a request that came by an HTTP API, a Function URL, a REST API or a load balancer. */
const predict = async (event: LambdaEvent) => (await ready).answer(event);

// A request that takes longer than the function may is for its caller to give up, not for middy.
export const handler = middy(predict, { timeoutEarlyInMillis: 0 })
  .before(pinged(() => ready))
  .before(verification(() => ready));
