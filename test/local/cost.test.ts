import { costOf } from '../../src/local/cost.ts';

describe('costOf', () => {
  const usage = { records: 100_000, invocations: 100, billedMs: 60_000, memoryMB: 1769, writes: 100_000 };

  it('scales to an ingest of 50,000 and adds up', () => {
    const { lambda, dynamodbWrites, kinesisPuts, perIngest, breakEvenIngests, endpoint } = costOf(usage);
    // 30 s of 1,769 MB on arm64, and 50 requests.
    expect(lambda).toBeCloseTo(30 * (1769 / 1024) * 0.0000133334 + 50 * 0.2e-6, 6);
    expect(dynamodbWrites).toBeCloseTo(0.03125, 6);
    expect(kinesisPuts).toBeCloseTo(0.0007, 6);
    expect(perIngest).toBeCloseTo(lambda + dynamodbWrites + kinesisPuts, 5);
    expect(endpoint).toEqual({ instance: 'ml.t3.medium', perMonth: 36 });
    expect(breakEvenIngests).toBeCloseTo(36 / lambda, -1);
  });

  it('charges the memory that buys the core it was measured on, at least', () => {
    expect(costOf({ ...usage, memoryMB: 192 }).lambda).toBe(costOf(usage).lambda);
    expect(costOf({ ...usage, memoryMB: 3538 }).lambda).toBeGreaterThan(costOf(usage).lambda);
  });

  it('is nothing for nothing', () => {
    expect(costOf({ records: 0, invocations: 0, billedMs: 0, memoryMB: 192, writes: 0 }).perIngest).toBe(0);
  });
});
