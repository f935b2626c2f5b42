import type { IncomingHttpHeaders } from 'node:http';

const KEPT =
  /^(content-type|content-disposition|content-language|cache-control|expires|x-amz-meta-.*|x-amz-storage-class)$/;

/** The headers of a request that are given back with the object. */
export const keptHeaders = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> => {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    KEPT.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
  );
  const encoding = String(headers['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked')
    .join(',');
  return { ...Object.fromEntries(kept), ...(encoding !== '' && { 'content-encoding': encoding }) };
};
