import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { EventBridgeEvent } from 'aws-lambda';
import { submitObjects } from '../pipeline/objects/submit-objects.ts';
import { wirePlanObjects } from '../wire/plan-objects.ts';

const parts = wirePlanObjects();
const logger = new Logger();

/** Submits a job to AWS Batch for an object that is too large for `classifyObjects`. */
const planObjects = async (event: EventBridgeEvent<'Object Created', unknown>): Promise<void> => {
  for (const submitted of await submitObjects(event, parts)) logger.info('submitted', { ...submitted });
};

export const handler = middy(planObjects, { timeoutEarlyInMillis: 0 });
