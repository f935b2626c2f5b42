import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { predictApi } from '../../../http/predict-api.ts';
import { wirePredict } from '../../../wire/predict.ts';
import { checkRequest } from './check-request.ts';
import { type HostileRequest, hostileRequests } from './hostile-requests.ts';

export interface FuzzRequestsOptions {
  readonly requests: number;
  readonly seed: number;
  /** The path of a request that failed: sends only that one. */
  readonly path?: string | undefined;
  /** The folder of models. */
  readonly models: string;
  readonly onProgress?: (sent: number) => void;
}

export interface FuzzedRequests {
  readonly sent: number;
  /** Requests of each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What the process has more at the end than after the first fifth of the requests, in MB. */
  readonly grownMB: { readonly heap: number; readonly resident: number };
  readonly failure?: {
    readonly message: string;
    readonly request: HostileRequest | undefined;
    readonly path: string;
  };
}

const MB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** The memory in use, garbage collected. */
const memory = () => {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / MB, resident: rss / MB };
};

/** Sends hostile requests to the prediction API within this process, one after another. */
export const fuzzRequests = async ({
  requests,
  seed,
  path,
  models,
  onProgress,
}: FuzzRequestsOptions): Promise<FuzzedRequests> => {
  const parts = await wirePredict({
    ...{ MODEL: 'banking77-tfidf', MODELS_DIR: models },
    // Limits that requests pass often.
    ...{ MAX_TEXTS: '1000', MAX_BODY_BYTES: '150000', MAX_TEXT_CHARACTERS: '2000' },
  });
  const failures: string[] = [];
  const api = predictApi({
    ...parts,
    report: ({ failure }) => failure !== undefined && failures.push(failure),
  });
  const statuses = new Map<number, number>();
  let sent = 0;
  let before = memory();
  const property = fc.asyncProperty(hostileRequests, async (request) => {
    const status = await checkRequest(api, request);
    if (failures.length > 0) throw new Error(failures.join('; '));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    sent += 1;
    if (sent === Math.ceil(requests / 5)) before = memory();
    if (sent % 2_000 === 0) onProgress?.(sent);
  });
  const result = await fc.check(property, { numRuns: requests, seed, ...(path !== undefined && { path }) });
  const after = memory();
  return {
    sent,
    statuses,
    grownMB: { heap: after.heap - before.heap, resident: after.resident - before.resident },
    ...(result.failed && {
      failure: {
        message: result.errorInstance instanceof Error ? result.errorInstance.message : 'it does not end',
        request: result.counterexample?.[0],
        path: result.counterexamplePath ?? '',
      },
    }),
  };
};
