/** A span of a process, `[stage, from, to]`, in ms since it began. */
export type Span = readonly [stage: string, from: number, to: number];

/**
 * The milliseconds of each stage. Spans may be nested: an instant belongs to one stage only, the first in `stages` of
 * those that were running.
 *
 * @param stages from the innermost to the outermost
 */
export const exclusiveTimes = <Stage extends string>(
  spans: readonly Span[],
  stages: readonly Stage[],
): Readonly<Record<Stage, number>> => {
  const times = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  const instants = [...new Set(spans.flatMap(([, from, to]) => [from, to]))].sort((a, b) => a - b);
  for (const [index, from] of instants.entries()) {
    const to = instants[index + 1] ?? from;
    const isUnderWay = (stage: Stage): boolean =>
      spans.some(([name, start, end]) => name === stage && start <= from && end >= to);
    const owner = stages.find(isUnderWay);
    if (owner !== undefined) times[owner] += to - from;
  }
  return times;
};

/**
 * Stages that follow from those that the probe measures: a model's files are read between the bundle and the tokenizer,
 * or the session where there is none; a tokenizer is made between its JSON and the session; the first run is not yet an
 * inference.
 */
export const completedSpans = (seen: readonly Span[]): readonly Span[] => {
  const first = (stage: string): Span | undefined => seen.find(([name]) => name === stage);
  const loaded = first('bundle')?.[2] ?? 0;
  const session = first('session')?.[1] ?? loaded;
  const json = first('tokenizer')?.[1] ?? session;
  const tokenizer = Math.min(json, session);
  const firstRun = first('run');
  return [
    ...seen.filter((span) => span[0] !== 'tokenizer' && span !== firstRun),
    ['files', loaded, tokenizer],
    ['tokenizer', tokenizer, session],
    ...(firstRun === undefined ? [] : [['firstRun', firstRun[1], firstRun[2]] satisfies Span]),
  ];
};
