import { copyService, type ServiceCopy } from '../../support/service-copy.ts';
import { IMAGE_URI, NETWORK } from '../../support/batch-parameters.ts';
import { LABEL_STORES } from '../../../src/stores/label-stores.ts';
import { calledActions, calledOnProgress } from './called-actions.ts';
import { type PackagedTemplate, packagedTemplates } from './packaged-templates.ts';
import { grantedActions, NEEDED_BY_LAMBDA, statementsOf } from './granted-actions.ts';

const CHOICES = {
  none: { objects: 's3' },
  fargate: { objects: 's3', batch: 'fargate', ...NETWORK },
  'update-item': { objects: 's3', batch: 'fargate', ...NETWORK, labelStore: 'update-item' },
  'labels-table': {
    ...{ objects: 's3', batch: 'fargate', ...NETWORK, labelStore: 'labels-table' },
    ...{ outputBucket: 'my-labels', outputPrefix: 'out/' },
  },
  image: { objects: 's3', batch: 'fargate', ...NETWORK, http: 'iam', package: 'image', imageUri: IMAGE_URI },
} as const;
type Choice = keyof typeof CHOICES;

let service: ServiceCopy;
let templates: Readonly<Record<Choice, PackagedTemplate>>;

beforeAll(async () => {
  service = await copyService();
  await service.writeModel('demo');
  templates = await packagedTemplates(service, CHOICES);
}, 300_000);

afterAll(() => service.remove());

const properties = (name: string, choice: Choice = 'fargate') =>
  templates[choice].Resources[name]?.Properties;

describe('serverless package, batch=fargate', () => {
  it('gives the job what its code calls, and no more', async () => {
    expect(grantedActions(templates.fargate, 'BatchJobRole')).toEqual(
      await calledActions('src/jobs/classify-objects.ts'),
    );
    for (const { Action } of statementsOf(templates.fargate, 'BatchJobRole'))
      expect(JSON.stringify(Action)).not.toContain('*');
  });

  it.each(LABEL_STORES)('gives relabelling with %s what its code calls, and no more', async (store) => {
    const [bucket, prefix] = store === 'labels-table' ? ['my-labels', 'out/'] : ['${OutputBucket}', ''];
    const template = templates[store === 'partiql' ? 'fargate' : store];
    expect(grantedActions(template, 'RelabelJobRole')).toEqual(
      [
        ...(await calledActions('src/jobs/relabel.ts', store)),
        ...(await calledOnProgress(`${bucket}/${prefix}.parts/relabel/*`, bucket)),
      ].toSorted(),
    );
    for (const { Action } of statementsOf(template, 'RelabelJobRole'))
      expect(JSON.stringify(Action)).not.toContain('*');
  });

  it('gives relabelling the settings of the function that labels, as far as it has them', () => {
    for (const choice of ['fargate', 'labels-table'] as const) {
      const [task] = properties('RelabelJobDefinition', choice).EcsProperties.TaskProperties;
      expect(task).toMatchObject({
        TaskRoleArn: { 'Fn::GetAtt': ['RelabelJobRole', 'Arn'] },
        Containers: [{ Command: ['job', 'relabel'], StopTimeout: 120, ReadonlyRootFilesystem: true }],
      });
      const variables: readonly { Name: string; Value: unknown }[] = task.Containers[0].Environment;
      const set = Object.fromEntries(
        variables.map(({ Name, Value }) => [Name, typeof Value === 'number' ? String(Value) : Value]),
      );
      const { Variables } = properties('ClassifyStreamLambdaFunction', choice).Environment;
      const { RELABEL_PROGRESS, WORKERS, ...shared } = set;
      expect(Object.keys(shared)).toEqual(
        expect.arrayContaining(['DOCUMENTS_TABLE', 'LABEL_STORE', 'LABELS_TABLE', 'TEXT_ATTRIBUTES']),
      );
      expect(shared).toEqual(Object.fromEntries(Object.keys(shared).map((name) => [name, Variables[name]])));
      expect(WORKERS).toBe('4');
      expect(RELABEL_PROGRESS).toEqual(
        choice === 'fargate'
          ? { 'Fn::Sub': 's3://${OutputBucket}/.parts/relabel/' }
          : 's3://my-labels/out/.parts/relabel/',
      );
    }
    expect(properties('RelabelJobDefinition').RetryStrategy).toEqual(
      properties('BatchJobDefinition').RetryStrategy,
    );
  });

  it('gives the function that plans jobs what its code calls and what Lambda needs, and no more', async () => {
    expect(grantedActions(templates.fargate, 'PlanObjectsRole')).toEqual(
      [
        ...(await calledActions('src/functions/plan-objects.ts')),
        ...NEEDED_BY_LAMBDA['plan-objects'],
      ].toSorted(),
    );
  });

  it('lets the start of a job pull its image and write its log', () => {
    expect(grantedActions(templates.fargate, 'BatchExecutionRole')).toEqual([
      'ecr:BatchCheckLayerAvailability on ImageRepository',
      'ecr:BatchGetImage on ImageRepository',
      // It knows no resources.
      'ecr:GetAuthorizationToken on *',
      'ecr:GetDownloadUrlForLayer on ImageRepository',
      'logs:CreateLogStream on BatchLogGroup',
      'logs:PutLogEvents on BatchLogGroup',
    ]);
    for (const role of ['BatchExecutionRole', 'BatchJobRole', 'RelabelJobRole'])
      expect(properties(role).AssumeRolePolicyDocument.Statement).toEqual([
        expect.objectContaining({ Principal: { Service: 'ecs-tasks.amazonaws.com' } }),
      ]);
  });

  it('runs jobs on Spot first, as an unprivileged user on a root that is read-only', () => {
    expect(
      (properties('BatchQueue').ComputeEnvironmentOrder as { ComputeEnvironment: { Ref: string } }[]).map(
        ({ ComputeEnvironment }) => properties(ComputeEnvironment.Ref).ComputeResources.Type,
      ),
    ).toEqual(['FARGATE_SPOT', 'FARGATE']);
    const [task] = properties('BatchJobDefinition').EcsProperties.TaskProperties;
    expect(task).toMatchObject({
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
      TaskRoleArn: { 'Fn::GetAtt': ['BatchJobRole', 'Arn'] },
      Containers: [
        {
          Command: ['job', 'classify-objects'],
          StopTimeout: 120,
          ReadonlyRootFilesystem: true,
          User: '65532:65532',
          MountPoints: [{ ContainerPath: '/tmp', ReadOnly: false }],
        },
      ],
    });
    const environment: readonly { Name: string }[] = task.Containers[0].Environment;
    const names = environment.map(({ Name }) => Name);
    expect(names).toEqual(expect.arrayContaining(['MODEL', 'OUTPUT_BUCKET', 'WORKERS']));
  });

  it('retries what was interrupted, and nothing else', () => {
    const { EvaluateOnExit, Attempts } = properties('BatchJobDefinition').RetryStrategy as {
      readonly EvaluateOnExit: readonly object[];
      readonly Attempts: number;
    };
    expect(Attempts).toBe(10);
    // What matches none would be retried.
    expect(EvaluateOnExit.at(-1)).toEqual({ Action: 'EXIT', OnReason: '*' });
    expect(EvaluateOnExit).toContainEqual({ Action: 'RETRY', OnExitCode: '75' });
    expect(EvaluateOnExit).toContainEqual({
      Action: 'RETRY',
      OnStatusReason: 'Your Spot Task was interrupted*',
    });
    expect(EvaluateOnExit.length).toBeLessThanOrEqual(5);
  });

  it('shares objects by their size: the function gets no event of those that jobs are for', () => {
    const sizeOf = (rule: string, choice?: Choice) =>
      properties(rule, choice).EventPattern.detail.object?.size;
    expect(sizeOf('ObjectsRule')).toEqual([{ numeric: ['<=', 16_777_216] }]);
    expect(sizeOf('LargeObjectsRule')).toEqual([{ numeric: ['>', 16_777_216] }]);
    expect(sizeOf('ObjectsRule', 'none')).toBeUndefined();
    expect(properties('LargeObjectsPermission')).toMatchObject({
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['LargeObjectsRule', 'Arn'] },
    });
  });

  it('says when a job has ended, but not of each child, and has an alarm for those that failed', () => {
    const { Statement } = properties('BatchTopicPolicy').PolicyDocument;
    expect(Statement).toHaveLength(1);
    for (const [rule, status] of Object.entries({
      BatchSucceededRule: 'SUCCEEDED',
      BatchFailedRule: 'FAILED',
    })) {
      expect(properties(rule)).toMatchObject({
        EventPattern: {
          source: ['aws.batch'],
          detail: { status: [status], arrayProperties: { index: [{ exists: false }] } },
        },
        Targets: [{ Arn: { Ref: 'BatchTopic' } }],
      });
      expect(JSON.stringify(Statement[0].Condition)).toContain(rule);
    }
    expect(properties('BatchFailedJobsAlarm').Dimensions).toEqual([
      { Name: 'RuleName', Value: { Ref: 'BatchFailedRule' } },
    ]);
  });

  it('adds nothing to a stage without it', () => {
    expect(Object.keys(templates.none.Resources).join()).not.toMatch(
      /Batch(Queue|Topic|Job)|PlanObjects|ImageRepository|Relabel/,
    );
  });
});

describe('serverless package, package=image', () => {
  it('deploys every function from the image, by the name of its file, and no layer', () => {
    const ofType = (type: string) =>
      Object.values(templates.image.Resources).filter(({ Type }) => Type === type);
    expect(ofType('AWS::Lambda::LayerVersion')).toEqual([]);
    const functions = ofType('AWS::Lambda::Function').map(({ Properties }) => Properties);
    for (const one of functions) {
      expect(one).toMatchObject({ PackageType: 'Image', Code: { ImageUri: IMAGE_URI } });
      expect(Object.keys(one)).not.toEqual(expect.arrayContaining(['Handler']));
      expect(one.Runtime ?? one.Layers).toBeUndefined();
      expect(one.FunctionName).toBe(`labelstream-dev-${one.ImageConfig.Command[0]}`);
    }
    expect(functions.map(({ ImageConfig }) => ImageConfig.Command).toSorted()).toEqual(
      ['classify-objects', 'classify-stream', 'plan-objects', 'predict'].map((name) => [name]),
    );
  });

  it('keeps the alias that is invoked', () => {
    expect(Object.keys(templates.image.Resources)).toEqual(
      expect.arrayContaining(['ClassifyStreamLambdaFunctionLiveAlias', 'PredictLambdaFunctionLiveAlias']),
    );
  });
});
