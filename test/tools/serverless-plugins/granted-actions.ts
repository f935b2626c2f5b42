import type { Grant } from './called-actions.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly NoEcho?: boolean }>>;
  readonly Resources: Readonly<
    // CloudFormation properties are whatever the type has.
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    Record<string, { readonly Type: string; readonly DeletionPolicy?: string; readonly Properties: any }>
  >;
}

/**
 * What Lambda itself does with the role of a function that reads a stream or a queue: reads it, says which batches were given up,
 * writes the log. The code calls none of these. AWS lists ListStreams, too, which knows no resources: on a stream it
 * would grant nothing.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, with-ddb.html and with-sqs.html, "Configuring permissions", and
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export const NEEDED_BY_LAMBDA: Readonly<
  Record<'classify-stream' | 'fan-out' | 'predict' | 'classify-objects' | 'plan-objects', readonly Grant[]>
> = {
  'classify-stream': [
    ...['DescribeStream', 'DescribeStreamSummary', 'GetRecords', 'GetShardIterator', 'ListShards'].map(
      (action) => `kinesis:${action} on ChangesStream`,
    ),
    'sqs:SendMessage on FailedBatchesQueue',
    'logs:CreateLogStream on log-group:/aws/lambda/labelstream-dev-classify-stream:*',
    'logs:PutLogEvents on log-group:/aws/lambda/labelstream-dev-classify-stream:*',
  ],
  'fan-out': [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map(
      (action) => `dynamodb:${action} on DocumentsTable.StreamArn`,
    ),
    'sqs:SendMessage on FailedBatchesQueue',
    'logs:CreateLogStream on log-group:/aws/lambda/labelstream-dev-fan-out:*',
    'logs:PutLogEvents on log-group:/aws/lambda/labelstream-dev-fan-out:*',
  ],
  'classify-objects': [
    ...['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map(
      (action) => `sqs:${action} on ObjectsQueue`,
    ),
    'logs:CreateLogStream on log-group:/aws/lambda/labelstream-dev-classify-objects:*',
    'logs:PutLogEvents on log-group:/aws/lambda/labelstream-dev-classify-objects:*',
  ],
  // What it gives up after its retries is told to a topic.
  'plan-objects': [
    'sns:Publish on {"Ref":"BatchTopic"}',
    'logs:CreateLogStream on log-group:/aws/lambda/labelstream-dev-plan-objects:*',
    'logs:PutLogEvents on log-group:/aws/lambda/labelstream-dev-plan-objects:*',
  ],
  predict: [
    'logs:CreateLogStream on log-group:/aws/lambda/labelstream-dev-predict:*',
    'logs:PutLogEvents on log-group:/aws/lambda/labelstream-dev-predict:*',
  ],
};

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

interface RoleProperties {
  readonly Policies?: readonly Policy[];
  readonly ManagedPolicyArns?: readonly { readonly Ref?: string }[];
}

/** The statements of a role of its own, which is what each function has, and of its policy for forwarding. */
export const statementsOf = ({ Resources }: Template, role: string): readonly Statement[] => {
  const { Policies = [], ManagedPolicyArns = [] } = (Resources[role]?.Properties ?? {}) as RoleProperties;
  const isForwarding = ManagedPolicyArns.some(({ Ref }) => Ref === 'ForwardAccess');
  const forwarding: Policy | undefined = isForwarding ? Resources.ForwardAccess?.Properties : undefined;
  const policies = [...Policies, ...(forwarding === undefined ? [] : [forwarding])];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
};

/** What a role may do, an entry for each action on each resource. */
export const grantedActions = (template: Template, role: string): readonly Grant[] =>
  statementsOf(template, role)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((to) => `${action} on ${named(to)}`)),
    )
    .toSorted();

const named = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  const { 'Fn::GetAtt': [id, attribute] = [], 'Fn::Sub': text } = resource as {
    'Fn::GetAtt'?: readonly string[];
    'Fn::Sub'?: string;
  };
  if (id !== undefined) return attribute === 'Arn' ? id : `${id}.${attribute}`;
  return (
    text?.replace(/^arn:.*?:(?=log-group:|job-queue\/|job-definition\/)|^arn:.*?:s3:::/, '') ??
    JSON.stringify(resource)
  );
};
