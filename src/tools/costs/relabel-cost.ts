import { PRICES } from './prices.ts';

/** US dollars on demand, in us-east-1. */
export interface RelabelCost {
  readonly reads: number;
  readonly writes: number;
  /** Labels on items are changes, which the table captures for the stream, at its price; the stream's own is not in it. */
  readonly changeCapture: number;
  readonly total: number;
}

/** @param written labels that were written onto items: none of them with a labels table */
export const relabelCost = (
  { read, write }: { readonly read: number; readonly write: number },
  written: number,
): RelabelCost => {
  const { dynamodb } = PRICES;
  const reads = read * dynamodb.read;
  const writes = write * dynamodb.write;
  const changeCapture = written * dynamodb.changeCapture;
  return { reads, writes, changeCapture, total: reads + writes + changeCapture };
};
