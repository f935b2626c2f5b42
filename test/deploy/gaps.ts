import type { Template } from './emulated-aws.ts';

/** What moto does not do with a template: that part is checked on the template that it was given. */
export interface Gap {
  readonly part: string;
  readonly lacks: string;
  check(template: Template): void;
}

const ofType = ({ Resources }: Template, type: string) =>
  Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));

const tables = (template: Template) => ofType(template, 'AWS::DynamoDB::Table');

/** Of the service with its default parameters. Each has been seen to be missing in moto 5.2.5. */
export const GAPS: readonly Gap[] = [
  {
    part: 'encryption of the tables',
    lacks: 'reads SSESpecification.Enabled, which is no property of it (SSEEnabled is)',
    check: (template) =>
      expect(tables(template).map(({ SSESpecification }) => SSESpecification)).toEqual(
        Array(3).fill({ SSEEnabled: true }),
      ),
  },
  {
    part: 'point-in-time recovery',
    lacks: 'drops PointInTimeRecoverySpecification',
    check: (template) =>
      expect(tables(template).map((table) => table.PointInTimeRecoverySpecification)).toEqual(
        Array(3).fill({ PointInTimeRecoveryEnabled: true }),
      ),
  },
  {
    part: 'time to live',
    lacks: 'drops TimeToLiveSpecification',
    check: (template) =>
      expect(tables(template).map((table) => table.TimeToLiveSpecification)).toEqual([
        undefined,
        { AttributeName: 'expires_at', Enabled: true },
        { AttributeName: 'expires_at', Enabled: true },
      ]),
  },
  {
    part: "the table's Kinesis destination",
    lacks:
      'drops KinesisStreamSpecification, and answers DescribeKinesisStreamingDestination with a web page',
    check: ({ Resources }) =>
      expect(Resources.DocumentsTable?.Properties.KinesisStreamSpecification).toEqual({
        StreamArn: { 'Fn::GetAtt': ['ChangesStream', 'Arn'] },
        ApproximateCreationDateTimePrecision: 'MICROSECOND',
      }),
  },
  {
    part: "the stream's mode and encryption",
    lacks: 'drops StreamModeDetails and StreamEncryption',
    check: ({ Resources }) =>
      expect(Resources.ChangesStream?.Properties).toMatchObject({
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
      }),
  },
  {
    part: 'alarms',
    lacks: 'has no AWS::CloudWatch::Alarm in CloudFormation',
    check: (template) => {
      const alarms = ofType(template, 'AWS::CloudWatch::Alarm');
      expect(alarms.map(({ AlarmName }) => AlarmName).toSorted()).toEqual(
        [
          ...['errors', 'failed-batches', 'failed-records', 'failed-to-replicate', 'iterator-age'],
          ...['rejected-records', 'throttles', 'write-retries'],
        ].map((name) => `labelstream-test-${name}`),
      );
      for (const alarm of alarms) {
        expect(alarm).toMatchObject({ TreatMissingData: 'notBreaching', Threshold: expect.anything() });
        expect(alarm.AlarmActions).toHaveLength(1);
      }
    },
  },
  {
    part: "the layers' names and architectures",
    lacks: 'drops CompatibleArchitectures, and LayerName too (moto_server.py adds it)',
    check: ({ Resources }) => {
      expect(Resources.RuntimeLambdaLayer?.Properties).toMatchObject({
        LayerName: 'labelstream-test-runtime',
        CompatibleArchitectures: ['arm64'],
      });
      expect(Resources.ModelsLambdaLayer?.Properties.LayerName).toBe('labelstream-test-models');
    },
  },
  {
    part: 'the alias that the mapping invokes',
    lacks: 'has no AWS::Lambda::Alias (moto_server.py adds it) and says which version it stands for instead',
    check: ({ Resources }) =>
      expect(Resources.ClassifyStreamEventSourceMappingKinesisChangesStream).toMatchObject({
        DependsOn: expect.arrayContaining(['ClassifyStreamLambdaFunctionLiveAlias']),
        Properties: {
          FunctionName: {
            'Fn::Join': [':', [{ 'Fn::GetAtt': ['ClassifyStreamLambdaFunction', 'Arn'] }, 'live']],
          },
        },
      }),
  },
  {
    part: "the deployment bucket's policy",
    lacks: 'has no AWS::S3::BucketPolicy in CloudFormation',
    check: ({ Resources }) =>
      expect(Resources.ServerlessDeploymentBucketPolicy?.Properties.PolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Effect: 'Deny',
          Principal: '*',
          Condition: { Bool: { 'aws:SecureTransport': false } },
        }),
      ]),
  },
  {
    part: 'deletion policies',
    lacks: 'knows Retain only, which the stage prod has',
    check: ({ Resources }) =>
      expect(
        ['DocumentsTable', 'RejectsTable', 'LabelsTable'].map((name) => Resources[name]?.DeletionPolicy),
      ).toEqual(['Delete', 'Delete', 'Delete']),
  },
];

/** What neither moto nor a template can tell. */
export const UNCHECKED: readonly string[] = [
  'IAM: moto lets every call through; a role is compared with what the code calls (test/tools/serverless-plugins/permissions.test.ts)',
  'the order of creation and the rollback of a failed update, which moto’s CloudFormation does not have',
  'change sets: the service is deployed without them (deploymentMethod: direct)',
  'the deployment of a provisioned stream: moto takes no number of shards that is given as text, which --param gives (the template passes cfn-lint)',
  'quotas and the time that AWS takes',
  'the deletion of a superseded version of the function, which moto_server.py leaves where it is',
];
