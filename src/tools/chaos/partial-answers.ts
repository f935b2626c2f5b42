type Json = Readonly<Record<string, unknown>>;

/** A call of which the service gets a part, and how its answer becomes the answer to the whole. */
export interface PartialCall {
  /** The request that is forwarded; undefined where nothing is left of it. */
  readonly request: Json | undefined;
  answer(partial: Json): Json;
}

/** Every other entry, beginning with the first: at least one is left out, and of several not all. */
const isLeftOut = (_: unknown, index: number): boolean => index % 2 === 0;
const isSent = (entry: unknown, index: number): boolean => !isLeftOut(entry, index);

const THROTTLED = 'ProvisionedThroughputExceededException';

/** Puts answers for what was left out between the answers to what was sent, at their positions. */
const spliced = (count: number, sent: readonly Json[], leftOut: Json): readonly Json[] => {
  const rest = [...sent];
  return Array.from({ length: count }, (entry, index) =>
    isLeftOut(entry, index) ? leftOut : (rest.shift() ?? {}),
  );
};

const positional = (
  request: Json,
  entriesName: string,
  leftOut: Json,
  answerOf: (results: readonly Json[], partial: Json) => Json,
  resultsName: string,
): PartialCall => {
  const entries = request[entriesName] as readonly Json[];
  const sent = entries.filter(isSent);
  return {
    request: sent.length > 0 ? { ...request, [entriesName]: sent } : undefined,
    answer: (partial) => {
      const results = (partial[resultsName] ?? []) as readonly Json[];
      return answerOf(spliced(entries.length, results, leftOut), partial);
    },
  };
};

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const batchWriteItem = (request: Json): PartialCall => {
  const tables = Object.entries(request.RequestItems as Readonly<Record<string, readonly Json[]>>);
  const part = (wanted: typeof isSent) =>
    Object.fromEntries(
      tables
        .map(([table, writes]) => [table, writes.filter(wanted)] as const)
        .filter(([, writes]) => writes.length > 0),
    );
  const sent = part(isSent);
  return {
    request: Object.keys(sent).length > 0 ? { ...request, RequestItems: sent } : undefined,
    answer: (partial) => ({ ...partial, UnprocessedItems: part(isLeftOut) }),
  };
};

const KINDS: Readonly<Record<string, (request: Json) => PartialCall>> = {
  BatchWriteItem: batchWriteItem,
  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
  PutRecords: (request) =>
    positional(
      request,
      'Records',
      { ErrorCode: THROTTLED, ErrorMessage: 'Rate exceeded for shard' },
      (Records, partial) => ({
        ...partial,
        FailedRecordCount: Records.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
        Records,
      }),
      'Records',
    ),
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
  BatchExecuteStatement: (request) =>
    positional(
      request,
      'Statements',
      {
        Error: { Code: 'ThrottlingError', Message: 'Throughput exceeds the current capacity of your table' },
      },
      (Responses, partial) => ({ ...partial, Responses }),
      'Responses',
    ),
};

/** Half of a call to an operation that may be done in part; undefined for one that is done as a whole. */
export const partialCall = (operation: string, request: Json): PartialCall | undefined =>
  KINDS[operation]?.(request);
