/** What is used of autocannon, which has no declarations. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface AutocannonRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }

  interface Client {
    setRequests(requests: readonly AutocannonRequest[]): void;
  }

  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly setupClient: (client: Client) => void;
  }

  interface Result {
    /** Requests without an answer, those that timed out included. */
    readonly errors: number;
  }

  type Instance = EventEmitter<{ response: [client: Client, status: number, bytes: number, ms: number] }> &
    PromiseLike<Result>;

  const autocannon: (options: Options) => Instance;
  export default autocannon;
}
