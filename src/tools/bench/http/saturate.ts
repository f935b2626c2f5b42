import autocannon from 'autocannon';
import { type Answers, countAnswers } from './answers.ts';

/**
 * Connections that each send their next request as soon as the last is answered, by autocannon. Each has texts of its
 * own, so that no two requests at a time are the same.
 */
export const saturate = async (
  url: string,
  bodies: readonly string[],
  connections: number,
  seconds: number,
): Promise<ReturnType<Answers['total']>> => {
  const answers = countAnswers();
  const path = new URL(url).pathname;
  const each = Math.floor(bodies.length / connections);
  let clients = 0;
  const load = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (client) => {
      const own = bodies.slice(clients * each, (clients + 1) * each);
      clients += 1;
      client.setRequests(
        own.map((body) => ({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body })),
      );
    },
  });
  load.on('response', (_client, status, _bytes, ms) => answers.add(status, ms));
  const { errors } = await load;
  for (let error = 0; error < errors; error += 1) answers.add(0, Number.NaN);
  return answers.total();
};
