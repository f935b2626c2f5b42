import type { LambdaClient } from '@aws-sdk/client-lambda';
import { moveAlias } from './change.ts';

/** Where an alias leads to: a version, and another one for a share of the invocations, if any. */
export interface Route {
  readonly version: string;
  readonly canary?: { readonly version: string; readonly share: number };
}

export interface Move {
  readonly functionName: string;
  readonly from: Route;
  readonly to: Route;
}

/** Not all aliases could be moved. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
  /** The moves that were made and could not be taken back. */
  readonly stuck: readonly Move[];

  constructor(cause: unknown, stuck: readonly Move[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stuck = stuck;
  }
}

/**
 * Moves aliases one after the other, which is as much as Lambda can do at once; where one cannot be moved, those that were
 * moved go back.
 *
 * @throws MoveError with the moves that stay made
 */
export const moveAliases = async (lambda: LambdaClient, moves: readonly Move[]): Promise<void> => {
  const made: Move[] = [];
  for (const move of moves) {
    try {
      await routeTo(lambda, move.functionName, move.to);
      made.push(move);
    } catch (cause) {
      // Whether Lambda has made a move whose answer was lost is not known; one that it refused it has not.
      const toUndo = isRefused(cause) ? made : [...made, move];
      const stuck: Move[] = [];
      for (const one of toUndo.toReversed())
        await routeTo(lambda, one.functionName, one.from).catch(() => stuck.push(one));
      throw new MoveError(cause, stuck);
    }
  }
};

const routeTo = (lambda: LambdaClient, functionName: string, { version, canary }: Route): Promise<void> =>
  moveAlias(lambda, functionName, version, canary);

const isRefused = (error: unknown): boolean =>
  (error as { readonly $fault?: unknown } | null)?.$fault === 'client';
