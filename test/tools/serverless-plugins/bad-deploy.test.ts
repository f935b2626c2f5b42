import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { listFiles } from '../../../src/tools/build/layer-files.ts';
import { MAX_UNZIPPED_BYTES } from '../../../src/tools/build/layer-size.ts';
import { textModel } from '../../support/onnx.ts';
import { copyService, type ServiceCopy } from '../../support/service-copy.ts';

let service: ServiceCopy;
/** What AWS was asked to do; it is never asked to change anything. */
let asked: string[];
let account: Record<string, string>;

/** An AWS in which nothing is deployed yet. */
const aws = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    asked.push(new URLSearchParams(body).get('Action') ?? `${request.method} ${request.url}`);
    // Lambda speaks JSON, and has no such function.
    if (request.url?.startsWith('/2015-03-31/')) {
      response
        .writeHead(404, {
          'content-type': 'application/json',
          'x-amzn-errortype': 'ResourceNotFoundException',
        })
        .end('{"Message":"Function not found"}');
      return;
    }
    response
      .writeHead(400, { 'content-type': 'text/xml' })
      .end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>',
      );
  });
}).listen(0, '127.0.0.1');

beforeAll(async () => {
  await once(aws, 'listening');
  account = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
});

beforeEach(async () => {
  asked = [];
  service = await copyService();
  await service.writeModel('demo');
});

afterEach(() => service.remove());
afterAll(() => {
  aws.closeAllConnections();
  aws.close();
});

/** Calls that only look. */
const LOOKS = /^(DescribeStacks|GetCallerIdentity|ValidateTemplate|GET .*|HEAD .*)$/;

const deploy = async (env: Record<string, string>, ...params: string[]) => {
  const run = await service.serverless(['deploy', '--stage', 'test', ...params], env);
  return { ...run, said: run.stdout + run.stderr };
};

describe('serverless deploy stops before anything is changed', () => {
  it.each([
    ['without credentials', {}, /no credentials/],
    ['with a profile that is not configured', { AWS_PROFILE: 'nobody' }, /AWS profile "nobody"/],
  ])(
    '%s, and before anything is built',
    async (_, env, reason) => {
      const { status, said } = await deploy({ AWS_EC2_METADATA_DISABLED: 'true', ...env });
      expect(status).toBe(1);
      expect(said).toMatch(/serverless deploy needs an AWS account.*aws configure.*AWS_PROFILE/);
      expect(said).toMatch(/Nothing was packaged or changed/);
      expect(said).toMatch(reason);
      for (const folder of ['.build', '.serverless'])
        expect(existsSync(join(service.root, folder))).toBe(false);
    },
    60_000,
  );

  it('with a model that does not fit into the layers', async () => {
    await service.writeLargeModel('large', MAX_UNZIPPED_BYTES);
    const { status, said } = await deploy(account);
    expect(status).toBe(1);
    expect(said).toMatch(
      /Function and layers together: \d+ bytes unzipped, \d+ more than the 262144000 allowed/,
    );
    expect(said).toMatch(/models 262\d{6} \(262\.\d MB\), runtime .*Move models out of models/);
    expect(
      (await listFiles(join(service.root, '.serverless'))).filter((file) => file.endsWith('.zip')),
    ).toEqual([]);
    expect(asked.filter((call) => !LOOKS.test(call))).toEqual([]);
  }, 120_000);

  it('with a library among the models that is made for another CPU', async () => {
    // The machine's number, 62 for x64, is in the 19th byte.
    const library = `\x7fELF\x02\x01\x01${'\0'.repeat(11)}>${'\0'.repeat(45)}`;
    await service.writeModel('demo', textModel({ location: 'library.so' }), { 'library.so': library });
    const { status, said } = await deploy(account);
    expect(status).toBe(1);
    expect(said).toMatch(/models\/demo\/1\/library\.so is made for x64, but the function runs on arm64/);
    expect(asked.filter((call) => !LOOKS.test(call))).toEqual([]);
  }, 60_000);

  it.each([
    ['architecture=riscv', /Parameter architecture is "riscv": use arm64 or x86_64/],
    ['streamMode=BURST', /Parameter streamMode is "BURST": use ON_DEMAND or PROVISIONED/],
    ['memory=64', /'provider\.memorySize': must be >= 128/],
    ['aws=maybe', /Parameter aws is "maybe"/],
    ['textAttributes=label', /TEXT_ATTRIBUTES names label, which model demo@1 writes with its labels/],
    ['modelAttribute=label_list', /MODEL_ATTRIBUTE names label_list, which model demo@1 writes/],
  ])(
    'into a stage with the parameter %s',
    async (param, message) => {
      const { status, said } = await deploy(account, '--param', param);
      expect(status).toBe(1);
      expect(said).toMatch(message);
      expect(asked.filter((call) => !LOOKS.test(call))).toEqual([]);
      const written = await listFiles(join(service.root, '.serverless'));
      expect(written.filter((file) => file.endsWith('.zip'))).toEqual([]);
    },
    60_000,
  );
});

describe('serverless package and invoke local stop before anything is built', () => {
  it.each([['package'], ['invoke', 'local', '-f', 'classifyStream', '-p', 'events/insert.json']])(
    'where a model would write its labels over the names of an item’s models (%s)',
    async (...command) => {
      const file = join(service.root, 'models', 'demo', '1', 'model.json');
      const manifest = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...manifest, attribute: 'model_type' }));
      const { status, stdout, stderr } = await service.serverless(command);
      expect(status).toBe(1);
      expect(stdout + stderr).toContain(
        'MODEL_ATTRIBUTE names model_type, which model demo@1 writes with its labels',
      );
      expect(existsSync(join(service.root, '.build'))).toBe(false);
    },
    60_000,
  );
});
