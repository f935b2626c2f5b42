/** S3 gives ETags in quotation marks. */
export const unquoted = (etag: string): string => etag.replaceAll('"', '');
