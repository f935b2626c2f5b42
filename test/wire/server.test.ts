import { addressOf, readServerConfig } from '../../src/wire/config.ts';
import { containerEnvironment } from '../../src/wire/server.ts';

describe('readServerConfig', () => {
  it('is for a server on this machine, unless it is told otherwise', () => {
    const config = readServerConfig({});
    expect(addressOf(config)).toEqual({ host: '127.0.0.1', port: 8080 });
    // SageMaker kills a container 30 s after SIGTERM; load balancers close connections after 60 s.
    expect(config.GRACE_SECONDS).toBeLessThan(30);
    expect(config.KEEP_ALIVE_SECONDS).toBeGreaterThan(60);
  });

  it.each([
    ['127.0.0.1:9001', { host: '127.0.0.1', port: 9001 }],
    ['http://127.0.0.1:9001', { host: '127.0.0.1', port: 9001 }],
    ['http://localhost:9001/', { host: 'localhost', port: 9001 }],
    ['[::1]:9001', { host: '::1', port: 9001 }],
    ['http://0.0.0.0', { host: '0.0.0.0', port: 80 }],
  ])('listens on AWS_LAMBDA_HTTP_ENDPOINT=%s before HOST and PORT', (AWS_LAMBDA_HTTP_ENDPOINT, address) => {
    const config = readServerConfig({ AWS_LAMBDA_HTTP_ENDPOINT, HOST: '192.0.2.1', PORT: '1' });
    expect(addressOf(config)).toEqual(address);
  });

  it('reports all faults together', () => {
    const env = { PORT: '99999', THREADS: '0', AWS_LAMBDA_HTTP_ENDPOINT: ':::' };
    expect(() => readServerConfig(env)).toThrow(/PORT[^]*AWS_LAMBDA_HTTP_ENDPOINT[^]*THREADS/);
  });
});

describe('containerEnvironment', () => {
  it("takes SageMaker's folder of models where it is there and no other is given", () => {
    const folder = import.meta.dirname;
    expect(containerEnvironment({}, folder)).toEqual({ MODELS_DIR: folder });
    expect(containerEnvironment({ MODELS_DIR: '/mine' }, folder)).toEqual({ MODELS_DIR: '/mine' });
    expect(containerEnvironment({}, `${folder}/none`)).toEqual({});
  });
});
