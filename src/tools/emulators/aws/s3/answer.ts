import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { S3Error, storageFull } from './errors.ts';
import type { S3Fault } from './faults.ts';
import type { S3Response } from './request.ts';
import { xmlDocument } from './xml.ts';

/** The first bytes of a body, at most so many. */
async function* first(most: number, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = most;
  for await (const chunk of body) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** Sends the bytes as fast as they are taken. */
const send = async (
  response: ServerResponse,
  body: AsyncIterable<Buffer>,
  fault?: S3Fault,
): Promise<void> => {
  if (fault?.kind !== 'cut' && fault?.kind !== 'stalled') return pipeline(body, response);
  await pipeline(first(fault.bytes, body), response, { end: false });
  // What was written reaches the caller before the connection breaks.
  if (fault.kind === 'cut') response.socket?.destroySoon();
};

/** @param fault of the body */
export const answer = async (
  response: ServerResponse,
  { status, headers = {}, body }: S3Response,
  fault?: S3Fault,
): Promise<void> => {
  if (typeof body !== 'object') {
    const text = body ?? '';
    const length = 'content-length' in headers ? {} : { 'content-length': Buffer.byteLength(text) };
    const type = text === '' ? {} : { 'content-type': 'application/xml' };
    response.writeHead(status, { ...type, ...(status !== 204 && status !== 304 && length), ...headers });
    response.end(text);
    return;
  }
  response.writeHead(status, headers);
  await send(response, body, fault);
};

const knownError = (error: unknown): S3Error => {
  if (error instanceof S3Error) return error;
  const { code } = Object(error) as { readonly code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT') return storageFull();
  return new S3Error(500, 'InternalError', `The embedded S3 failed: ${String(error)}`);
};

/** Answers with an error, after what is left of the request's body: a client that is still sending would not see it. */
export const answerError = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): Promise<void> => {
  if (incoming.destroyed && !incoming.complete) return;
  const known = knownError(error);
  incoming.resume();
  if (!incoming.readableEnded) await once(incoming, 'end');
  const { status, code, message, headers, details } = known;
  const xml = xmlDocument('Error', {
    Code: code,
    Message: message,
    ...details,
    RequestId: requestId,
  }).replace(/ xmlns="[^"]*"/, '');
  const isEmpty = incoming.method === 'HEAD' || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(!isEmpty && { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) }),
  });
  response.end(isEmpty ? undefined : xml);
};
