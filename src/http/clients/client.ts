import type { RequestLimits } from '../limits.ts';
import type { ServedModels } from '../served-models.ts';

/** What the shapes of clients work with. */
export interface ClientParts {
  readonly models: ServedModels;
  readonly limits: RequestLimits;
}

/** What a request was about, for reports: never a text. */
export interface Seen {
  /** `name@version` */
  models: readonly string[];
  texts: number;
}

/** From a request to its answer; `seen` is filled in on the way. @throws Problem */
export type Handler = (request: Request, seen: Seen, inPath?: string) => Response | Promise<Response>;
