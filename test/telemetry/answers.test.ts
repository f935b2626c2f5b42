import type { Model } from '../../src/tasks/model.ts';
import { answerTelemetry } from '../../src/telemetry/answers.ts';
import { captureLog } from '../support/function-in-process.ts';

const MODEL: Model = { id: 'm@1', task: 'text-classification', attribute: 'label' };
const reference = { texts: 100, labels: { a: 50, b: 50 } };
const said = (label: string, score: number, count = 1) =>
  new Array(count).fill({ labels: [{ label, score }] });

afterEach(() => jest.restoreAllMocks());

/** What is reported after each of these, in turn. */
const reported = (log: readonly string[]) =>
  log.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));

describe('the metrics of answers', () => {
  it('wait for a hundred answers, or a minute', () => {
    const log = captureLog();
    let now = 0;
    const { answered, report } = answerTelemetry(() => now);
    answered(MODEL, said('a', 0.4, 99));
    report();
    expect(reported(log)).toEqual([]);
    answered(MODEL, said('a', 0.9));
    report();
    expect(reported(log)).toEqual([
      expect.objectContaining({ model: 'm@1', Confidence: expect.closeTo(0.405), LowConfidence: 99 }),
    ]);
    answered(MODEL, said('a', 0.75));
    report();
    now += 60_000;
    report();
    report();
    expect(reported(log).slice(1)).toEqual([
      expect.objectContaining({ model: 'm@1', Confidence: 0.75, LowConfidence: 0 }),
    ]);
  });

  it('have an index for each thousand answers, by model and of all, and none of one model under another', () => {
    const log = captureLog();
    const { answered, report } = answerTelemetry();
    const other = { ...MODEL, id: 'other@2' };
    answered({ ...MODEL, reference }, [...said('a', 0.9, 500), ...said('b', 0.9, 499)]);
    report();
    answered({ ...MODEL, reference }, said('b', 0.9, 100));
    answered(other, said('a', 0.9, 100));
    report();
    const indexes = reported(log).filter((one) => 'PopulationStabilityIndex' in one);
    expect(indexes.map(({ model, PopulationStabilityIndex }) => [model, PopulationStabilityIndex])).toEqual([
      ['m@1', expect.closeTo(0.0083, 3)],
      [undefined, expect.closeTo(0.0083, 3)],
    ]);
    expect(reported(log).map(({ model }) => model)).toEqual(['m@1', 'm@1', undefined, 'other@2']);
  });

  it('are none where scores are no probabilities and there is no reference, nor of errors', () => {
    const log = captureLog();
    const { answered, report } = answerTelemetry();
    answered(MODEL, said('a', 17.5, 200));
    answered({ ...MODEL, id: 'failing@1' }, new Array(200).fill({ error: new Error('no') }));
    report();
    answered({ ...MODEL, id: 'sound@1' }, said('a', 0.5, 100));
    report();
    expect(reported(log).map(({ model, Confidence }) => [model, Confidence])).toEqual([['sound@1', 0.5]]);
  });
});
