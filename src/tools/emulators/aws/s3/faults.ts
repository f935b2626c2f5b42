/** What happens to a request instead of, or beside, its answer. */
export type S3Fault =
  /** Answered with an error; nothing is done. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string; readonly message?: string }
  /** The connection breaks before anything is done. */
  | { readonly kind: 'dropped' }
  /** It is done, and the connection breaks before the answer. */
  | { readonly kind: 'droppedAfter' }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** Nothing comes after so many bytes of the answer's body, and the connection stays. */
  | { readonly kind: 'stalled'; readonly bytes: number }
  /** The answer takes so many milliseconds longer. */
  | { readonly kind: 'delayed'; readonly ms: number };

export const SLOW_DOWN: S3Fault = {
  ...{ kind: 'error', status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
};

export const INTERNAL_ERROR: S3Fault = {
  ...{ kind: 'error', status: 500, code: 'InternalError' },
  message: 'We encountered an internal error. Please try again.',
};

export const ACCESS_DENIED: S3Fault = {
  ...{ kind: 'error', status: 403, code: 'AccessDenied', message: 'Access Denied' },
};

export const CONFLICT: S3Fault = {
  ...{ kind: 'error', status: 409, code: 'ConditionalRequestConflict' },
  message: 'The conditional request cannot succeed due to a conflicting operation against this resource.',
};

/** What a hook learns of a request. */
export interface S3Call {
  /** Such as `GetObject`. */
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}

/** Decides about a request before it is served. */
export type NextS3Fault = (call: S3Call) => S3Fault | undefined;
