import { parseReportLine, reportLine } from '../../../../src/tools/emulators/lambda/report-line.ts';

describe('a REPORT line', () => {
  it.each([
    { requestId: 'a-1', durationMs: 12.34, billedMs: 213, initMs: 200.5, memoryMB: 512, maxMemoryMB: 180 },
    {
      requestId: 'b',
      durationMs: 60_000,
      billedMs: 60_000,
      memoryMB: 1_769,
      maxMemoryMB: 99,
      status: 'timeout' as const,
    },
  ])('is read as it was written', (report) => {
    expect(parseReportLine(`${reportLine(report)}\t`)).toEqual(report);
    expect(parseReportLine('START RequestId: a')).toBeUndefined();
  });

  it('without its duration is a fault, not a duration of 0', () => {
    expect(() => parseReportLine('REPORT RequestId: a\tBilled Duration: 1 ms')).toThrow(
      'Duration in a REPORT line is missing',
    );
  });
});
