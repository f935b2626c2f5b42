import type { RequestLimits } from '../limits.ts';
import type { Seen } from '../seen.ts';
import type { ServedModels } from '../served-models.ts';

/** What the shapes of clients work with. */
export interface ClientParts {
  readonly models: ServedModels;
  readonly limits: RequestLimits;
}

/** From a request to its answer; `seen` is filled in on the way. @throws Problem */
export type Handler = (request: Request, seen: Seen, inPath?: string) => Response | Promise<Response>;
