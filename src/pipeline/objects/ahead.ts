/**
 * Results in the order of their inputs, some of which are in work while earlier results are awaited.
 *
 * @param depth the most that are in work at a time
 */
export async function* ahead<Input, Result>(
  inputs: AsyncIterable<Input>,
  depth: number,
  work: (input: Input) => Promise<Result>,
): AsyncGenerator<Result> {
  const inWork: Promise<Result>[] = [];
  try {
    for await (const input of inputs) {
      const result = work(input);
      // A failure is thrown in its turn.
      result.catch(() => undefined);
      inWork.push(result);
      if (inWork.length >= depth) yield await (inWork.shift() as Promise<Result>);
    }
  } catch (error) {
    // What comes before the end of the inputs is done first.
    while (inWork.length > 0) yield await (inWork.shift() as Promise<Result>);
    throw error;
  }
  while (inWork.length > 0) yield await (inWork.shift() as Promise<Result>);
}
