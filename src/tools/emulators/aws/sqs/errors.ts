/**
 * An error that SQS answers with.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export class SqsError extends Error {
  override readonly name = 'SqsError';
  /** In the JSON protocol. */
  readonly type: string;
  /** In the query protocol, which SDKs still name it by. */
  readonly code: string;

  constructor(type: string, message: string, code = `AWS.SimpleQueueService.${type}`) {
    super(message);
    this.type = type;
    this.code = code;
  }
}

export const noSuchQueue = (): SqsError =>
  new SqsError(
    'QueueDoesNotExist',
    'The specified queue does not exist.',
    'AWS.SimpleQueueService.NonExistentQueue',
  );

export const invalidValue = (message: string): SqsError =>
  new SqsError('InvalidParameterValue', message, 'InvalidParameterValue');

export const missingParameter = (name: string): SqsError =>
  new SqsError('MissingParameter', `The request must contain the parameter ${name}.`, 'MissingParameter');
