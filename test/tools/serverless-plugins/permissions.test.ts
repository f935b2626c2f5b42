import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { chooseForward } from '../../../src/tools/serverless-plugins/parameters/forward.ts';
import { calledActions } from './called-actions.ts';
import type { LabelStoreName } from '../../../src/stores/label-stores.ts';
import { grantedActions, NEEDED_BY_LAMBDA, statementsOf, type Template } from './granted-actions.ts';

const CLASSIFY = 'src/functions/classify-stream.ts';
const FAN_OUT = 'src/functions/fan-out.ts';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:labels';
const COMBINATIONS = [
  ['native', 'partiql', ''],
  ['function', 'partiql', ''],
  ['function', 'update-item', QUEUE],
  ['native', 'labels-table', ''],
] as const;

let service: ServiceCopy;
const templates = new Map<string, Template>();

const packaged = async (name: string, params: readonly string[]): Promise<Template> => {
  const path = join(service.root, name);
  const run = await service.serverless([
    ...['package', '--package', path],
    ...params.flatMap((param) => ['--param', param]),
  ]);
  if (run.status !== 0) throw new Error(run.stderr + run.stdout);
  return JSON.parse(await readFile(join(path, 'cloudformation-template-update-stack.json'), 'utf8'));
};

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  for (const [fanOut, labelStore, forwardTo] of COMBINATIONS) {
    const params = [
      ...(forwardTo === '' ? [] : [`forwardTo=${forwardTo}`]),
      `fanOut=${fanOut}`,
      `labelStore=${labelStore}`,
      'tableRemoval=Retain',
      'logRetentionDays=30',
    ];
    templates.set(`${fanOut} ${labelStore}`, await packaged(`${fanOut}-${labelStore}`, params));
  }
}, 300_000);

afterAll(() => service.remove());

const templateOf = (name: string): Template => {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`${name} was not packaged`);
  return template;
};
const ofType = ({ Resources }: Template, type: string) =>
  Object.values(Resources).filter(({ Type }) => Type === type);

describe('the actions that the code calls', () => {
  const onItems: Record<LabelStoreName, string> = {
    partiql: 'dynamodb:PartiQLUpdate on DocumentsTable',
    'update-item': 'dynamodb:UpdateItem on DocumentsTable',
    'labels-table': 'dynamodb:BatchWriteItem on LabelsTable',
  };

  it.each(Object.entries(onItems) as [LabelStoreName, string][])(
    'are, with labels by %s, %s and the rejects',
    async (store, action) => {
      expect(await calledActions(CLASSIFY, store)).toEqual(
        ['dynamodb:BatchWriteItem on RejectsTable', action].toSorted(),
      );
    },
  );

  const destinations = {
    'events:us-east-1:123456789012:event-bus/labels': 'events:PutEvents',
    'sqs:us-east-1:123456789012:labels.fifo': 'sqs:SendMessage',
    'sns:us-east-1:123456789012:labels': 'sns:Publish',
    'kinesis:us-east-1:123456789012:stream/labels': 'kinesis:PutRecords',
    'firehose:us-east-1:123456789012:deliverystream/labels': 'firehose:PutRecordBatch',
    'lambda:us-east-1:123456789012:function:on-label:live': 'lambda:InvokeFunction',
  };
  it.each(Object.entries(destinations))(
    'are, with labels forwarded to %s, %s too, which the role is given',
    async (name, action) => {
      const arn = `arn:aws:${name}`;
      const alone = await calledActions(CLASSIFY, 'partiql');
      expect(await calledActions(CLASSIFY, 'partiql', arn)).toEqual(
        [...alone, `${action} on ${arn}`].toSorted(),
      );
      expect(chooseForward(arn).action).toBe(action);
    },
  );

  it('are, of the fan-out function, records and rejects', async () => {
    expect(await calledActions(FAN_OUT)).toEqual([
      'dynamodb:BatchWriteItem on RejectsTable',
      'kinesis:PutRecords on ChangesStream',
    ]);
  });
});

describe.each(COMBINATIONS)('the template with fanOut=%s, labelStore=%s, forwardTo=%s', (...combination) => {
  const [fanOut, labelStore, forwardTo] = combination;
  const template = () => templateOf(`${fanOut} ${labelStore}`);

  it('grants each function what it calls and what Lambda needs, and no more', async () => {
    expect(grantedActions(template(), 'ClassifyStreamRole')).toEqual(
      [
        ...(await calledActions(CLASSIFY, labelStore, forwardTo)),
        ...NEEDED_BY_LAMBDA['classify-stream'],
      ].toSorted(),
    );
    if (fanOut === 'native') return;
    expect(grantedActions(template(), 'FanOutRole')).toEqual(
      [...(await calledActions(FAN_OUT)), ...NEEDED_BY_LAMBDA['fan-out']].toSorted(),
    );
  });

  it('has a role for each function and no other, and no * but the streams of its own log', () => {
    const roles = fanOut === 'native' ? ['ClassifyStreamRole'] : ['ClassifyStreamRole', 'FanOutRole'];
    const { Resources } = template();
    const policies = forwardTo === '' ? [] : ['ForwardAccess'];
    expect(
      Object.keys(Resources)
        .filter((id) => Resources[id]?.Type.startsWith('AWS::IAM::'))
        .toSorted(),
    ).toEqual([...roles, ...policies].toSorted());
    for (const role of roles) {
      expect(Resources[role]?.Properties.ManagedPolicyArns ?? []).toEqual(
        role === 'ClassifyStreamRole' ? policies.map((Ref) => ({ Ref })) : [],
      );
      for (const { Effect, Action, Resource } of statementsOf(template(), role)) {
        expect(Effect).toBe('Allow');
        expect(JSON.stringify(Action)).not.toContain('*');
        expect(JSON.stringify(Resource).replace(/-(classify-stream|fan-out):\*"/, '"')).not.toContain('*');
      }
    }
  });

  it('encrypts what it keeps, can restore tables to a point in time and leaves them where it is told to', () => {
    const tables = ofType(template(), 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          SSESpecification: { SSEEnabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      });
    }
    const [stream, ...streams] = ofType(template(), 'AWS::Kinesis::Stream');
    expect(stream?.Properties.StreamEncryption).toEqual({
      EncryptionType: 'KMS',
      KeyId: 'alias/aws/kinesis',
    });
    const [queue, ...queues] = ofType(template(), 'AWS::SQS::Queue');
    expect(queue?.Properties.SqsManagedSseEnabled).toBe(true);
    expect([...streams, ...queues]).toEqual([]);
  });

  it('encrypts the topic of its alarms, where it has one, under a key that CloudWatch may use', () => {
    const [topic, ...topics] = Object.values(template().Resources).filter(
      ({ Type }) => Type === 'AWS::SNS::Topic',
    );
    expect(topics).toEqual([]);
    expect(topic).toMatchObject({
      Condition: 'HasAlarmEmail',
      Properties: { KmsMasterKeyId: { Ref: 'AlarmTopicKey' } },
    });
    const key = template().Resources.AlarmTopicKey;
    // It costs something, so it is there only where the topic is.
    expect(key).toMatchObject({ Type: 'AWS::KMS::Key', Condition: 'HasAlarmEmail' });
    expect(key?.Properties.KeyPolicy.Statement).toContainEqual({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    for (const { Properties } of ofType(template(), 'AWS::CloudWatch::Alarm')) {
      expect(JSON.stringify(Properties.AlarmActions)).toContain('{"Ref":"AlarmTopic"}');
    }
  });

  it('keeps the log of each function for as long as it is told to', () => {
    const logs = ofType(template(), 'AWS::Logs::LogGroup').map(({ Properties }) => Properties);
    expect(logs).toHaveLength(ofType(template(), 'AWS::Lambda::Function').length);
    for (const { RetentionInDays } of logs) expect(RetentionInDays).toBe(30);
  });

  it('hands no secret to a function, and asks for none', () => {
    const { Parameters = {} } = template();
    for (const { NoEcho } of Object.values(Parameters)) expect(NoEcho).toBeUndefined();
    for (const { Properties } of ofType(template(), 'AWS::Lambda::Function')) {
      for (const [name, value] of Object.entries(Properties.Environment.Variables)) {
        expect(name).not.toMatch(/secret|token|password|credential|private|(api|access)_?key/i);
        // Access keys, their secrets, keys in PEM, URLs with a password.
        expect(String(value)).not.toMatch(/A[KS]IA[A-Z0-9]{16}|^[\w/+]{40}$|-----BEGIN|:\/\/[^/]*:[^/]*@/);
      }
    }
  });
});
