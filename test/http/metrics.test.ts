import { metricsText, serverMetrics } from '../../src/http/metrics.ts';

const answered = { method: 'POST', models: ['m@1'], texts: 1 };

describe('metricsText', () => {
  it("has requests, texts, runs and what waits, in Prometheus's format", () => {
    const metrics = serverMetrics();
    metrics.request({ ...answered, route: '/', status: 200, ms: 3 });
    metrics.request({ ...answered, route: '/', status: 200, ms: 30_000 });
    metrics.request({ ...answered, route: '/models/:name', status: 429, ms: 1 });
    metrics.run({ model: 'm@1', texts: 3, ms: 4 });
    metrics.run({ model: 'm@1', texts: 32, ms: 40 });
    const lines = metricsText([metrics.read(new Map([['m@1', 7]]))]).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE labelstream_requests_total counter',
        'labelstream_requests_total{method="POST",route="/",status="200"} 2',
        'labelstream_requests_total{method="POST",route="/models/:name",status="429"} 1',
        '# TYPE labelstream_request_seconds histogram',
        'labelstream_request_seconds_bucket{route="/",le="0.0025"} 0',
        'labelstream_request_seconds_bucket{route="/",le="0.005"} 1',
        'labelstream_request_seconds_bucket{route="/",le="10"} 1',
        'labelstream_request_seconds_bucket{route="/",le="+Inf"} 2',
        'labelstream_request_seconds_sum{route="/"} 30.003',
        'labelstream_request_seconds_count{route="/"} 2',
        'labelstream_texts_total{model="m@1"} 35',
        'labelstream_run_texts_bucket{model="m@1",le="4"} 1',
        'labelstream_run_texts_bucket{model="m@1",le="32"} 2',
        'labelstream_waiting_texts{model="m@1"} 7',
        expect.stringMatching(/^process_resident_memory_bytes [1-9]\d+$/),
        expect.stringMatching(/^process_cpu_seconds_total \d/),
      ]),
    );
    expect(lines.at(-1)).toBe('');
  });

  it('has the series of several processes under one heading', () => {
    const processes = [1, 2].map((worker) => {
      const metrics = serverMetrics({ worker });
      metrics.run({ model: 'm@1', texts: worker, ms: 1 });
      return metrics.read(new Map());
    });
    const text = metricsText(processes);
    expect(text.match(/# TYPE labelstream_texts_total counter/g)).toHaveLength(1);
    expect(text).toContain(
      'labelstream_texts_total{worker="1",model="m@1"} 1\nlabelstream_texts_total{worker="2",model="m@1"} 2\n',
    );
  });

  it('escapes the values of labels', () => {
    const metrics = serverMetrics();
    metrics.run({ model: 'a"b\\c\nd', texts: 1, ms: 1 });
    expect(metricsText([metrics.read(new Map())])).toContain(
      'labelstream_texts_total{model="a\\"b\\\\c\\nd"} 1',
    );
  });
});
