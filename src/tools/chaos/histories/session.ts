import type { Deadline } from '../../../pipeline/deadline.ts';
import type { Send } from './memory-dynamodb.ts';
import type { Fate } from './scenario.ts';

/** The fate of one invocation. */
export interface Session {
  /** A client whose calls have the fate of the invocation. */
  fated(send: Send): Send;
  readonly deadline: Deadline;
  /** Resolves when the environment is killed: its later calls have no effect. */
  readonly death: Promise<'dead'>;
}

/** Plays an invocation's fate by the number of its calls to AWS: the clock of a scenario. */
export const openSession = (fate: Fate): Session => {
  const { promise: death, resolve: die } = Promise.withResolvers<'dead'>();
  const outOfTime = new AbortController();
  let calls = 0;
  const isOver = () => 'afterCalls' in fate && calls >= fate.afterCalls;
  const isDead = () => fate.kind === 'killed' && isOver();
  const look = () => {
    if (isDead()) die('dead');
    else if (fate.kind === 'outOfTime' && isOver()) outOfTime.abort();
  };
  look();
  return {
    death,
    deadline: {
      remainingMs: () => (outOfTime.signal.aborted ? 0 : 60_000),
      signal: () => outOfTime.signal,
    },
    fated: (send) => async (command, options) => {
      // A killed environment neither sends calls nor receives answers.
      if (isDead()) return new Promise(() => undefined);
      calls += 1;
      const answer = send(command, options);
      answer.catch(() => undefined);
      look();
      if (isDead()) return new Promise(() => undefined);
      return answer;
    },
  };
};
