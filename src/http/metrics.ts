import type { Run } from './batching.ts';
import type { ReportedRequest } from './predict-api.ts';

export interface ServerMetrics {
  request(answered: ReportedRequest): void;
  run(run: Run): void;
  /** @param waiting texts that wait, of each model */
  read(waiting: ReadonlyMap<string, number>): readonly MetricFamily[];
}

/** All series of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly lines: readonly string[];
}

type Labels = Readonly<Record<string, string | number>>;

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const TEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Metrics of this process.
 *
 * @param common labels of every series
 */
export const serverMetrics = (common: Labels = {}): ServerMetrics => {
  const requests = counters(common);
  const texts = counters(common);
  const latency = histograms(SECONDS, common);
  const runSeconds = histograms(SECONDS, common);
  const runTexts = histograms(TEXTS, common);
  return {
    request: ({ method, route, status, ms }) => {
      requests.add({ method, route, status }, 1);
      latency.add({ route }, ms / 1_000);
    },
    run: (run) => {
      const { model } = run;
      texts.add({ model }, run.texts);
      runTexts.add({ model }, run.texts);
      runSeconds.add({ model }, run.ms / 1_000);
    },
    read: (waiting) => {
      const { rss, heapUsed } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const line = (name: string, value: number) => [series(name, common, value)];
      const waitingLines = (name: string) =>
        [...waiting].map(([model, count]) => series(name, { ...common, model }, count));
      return [
        family('labelstream_requests_total', 'counter', 'Requests answered.', requests.lines),
        family('labelstream_request_seconds', 'histogram', 'Time to answer a request.', latency.lines),
        family('labelstream_texts_total', 'counter', 'Texts that models were run on.', texts.lines),
        family('labelstream_run_texts', 'histogram', 'Texts of a run.', runTexts.lines),
        family('labelstream_run_seconds', 'histogram', 'Time of a run.', runSeconds.lines),
        family('labelstream_waiting_texts', 'gauge', 'Texts that wait for a run.', waitingLines),
        family('process_resident_memory_bytes', 'gauge', 'Memory.', (name) => line(name, rss)),
        family('nodejs_heap_size_used_bytes', 'gauge', 'Memory of objects.', (name) => line(name, heapUsed)),
        family('process_cpu_seconds_total', 'counter', 'CPU time.', (name) =>
          line(name, (user + system) / 1e6),
        ),
      ];
    },
  };
};

/**
 * The metrics of several processes in Prometheus's text format.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const metricsText = (processes: readonly (readonly MetricFamily[])[]): string => {
  const families = Map.groupBy(processes.flat(), ({ name }) => name);
  const blocks = [...families.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { name, type, help } = first;
    const lines = [first, ...others].flatMap((one) => one.lines);
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
  });
  return [...blocks, ''].join('\n');
};

const family = (
  name: string,
  type: MetricFamily['type'],
  help: string,
  lines: (name: string) => readonly string[],
): MetricFamily => ({ name, type, help, lines: lines(name) });

const series = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([label, of]) => `${label}="${escaped(String(of))}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
};

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const counters = (common: Labels) => {
  const values = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add: (labels: Labels, value: number): void => {
      const key = Object.values(labels).join(' ');
      const counter = values.get(key) ?? { labels: { ...common, ...labels }, value: 0 };
      counter.value += value;
      values.set(key, counter);
    },
    lines: (name: string) => [...values.values()].map(({ labels, value }) => series(name, labels, value)),
  };
};

const histograms = (bounds: readonly number[], common: Labels) => {
  const values = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();
  return {
    add: (labels: Labels, value: number): void => {
      const key = Object.values(labels).join(' ');
      const histogram = values.get(key) ?? {
        labels: { ...common, ...labels },
        counts: new Array<number>(bounds.length + 1).fill(0),
        sum: 0,
      };
      const above = bounds.findIndex((bound) => value <= bound);
      const bucket = above < 0 ? bounds.length : above;
      histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.sum += value;
      values.set(key, histogram);
    },
    lines: (name: string) =>
      [...values.values()].flatMap(({ labels, counts, sum }) => {
        let total = 0;
        const buckets = counts.map((count, index) => {
          total += count;
          return series(`${name}_bucket`, { ...labels, le: bounds[index] ?? '+Inf' }, total);
        });
        return [...buckets, series(`${name}_sum`, labels, sum), series(`${name}_count`, labels, total)];
      }),
  };
};
