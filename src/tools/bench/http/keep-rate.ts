import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answers, countAnswers } from './answers.ts';

/** More than any queue holds; beyond it a request waits for a connection, which its time includes. */
const MOST_CONNECTIONS = 2_000;

const TIMEOUT_MS = 10_000;

/**
 * Requests at even distances, whatever becomes of those before; the time of each counts from when it was due, so that a
 * server which stalls is charged for all that it delays. autocannon cannot be used here: it sends a second's requests
 * at once, at the beginning of each second.
 *
 * @param rate requests a second
 */
export const keepRate = async (
  url: string,
  bodies: readonly string[],
  rate: number,
  seconds: number,
): Promise<ReturnType<Answers['total']>> => {
  const answers = countAnswers();
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  const count = Math.round(rate * seconds);
  const from = performance.now();
  const sent: Promise<void>[] = [];
  while (sent.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - from) * rate) / 1000) + 1);
    while (sent.length < due) {
      const dueAt = from + (sent.length * 1000) / rate;
      const body = bodies[sent.length % bodies.length] ?? '';
      sent.push(statusOf(url, body, agent).then((status) => answers.add(status, performance.now() - dueAt)));
    }
    await sleep(Math.max(0, from + (sent.length * 1000) / rate - performance.now()));
  }
  await Promise.all(sent);
  agent.destroy();
  return answers.total();
};

/** The status of the whole answer; 0 where there is none. */
const statusOf = (url: string, body: string, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', () => resolve(0));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end(body);
  });
