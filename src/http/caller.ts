import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';

const responses = new AsyncLocalStorage<ServerResponse>();

/** Runs the work on a request, which can then find out by `watchCaller` whether its caller has gone. */
export const onBehalfOf = <Result>(response: ServerResponse, work: () => Result): Result =>
  responses.run(response, work);

/** @returns whether the caller on whose behalf this was called has closed its connection since */
export const watchCaller = (): (() => boolean) => {
  const response = responses.getStore();
  return () => response?.destroyed ?? false;
};
