import { parseJson } from '../json-body.ts';
import type { RequestLimits } from '../limits.ts';
import { Problem } from '../problem.ts';
import { isJson, mediaTypeOf, readBody } from '../request-body.ts';

/** A text may be an object of a few fields. */
export const valuesOf = ({ texts }: RequestLimits): number => 1_000 + 8 * texts;

/** The JSON body of a request. @throws Problem (400, 413, 415) */
export const jsonRequest = async (request: Request, limits: RequestLimits): Promise<unknown> => {
  if (!isJson(mediaTypeOf(request)))
    throw new Problem('UnsupportedMediaType', 'send JSON, with the header Content-Type: application/json');
  return parseJson(await readBody(request, limits.bytes), valuesOf(limits));
};
