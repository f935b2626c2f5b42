import type { AttributeMap } from '../../dynamodb-json/attributes.ts';

/** Where a part of a source goes on, as JSON; `done` at its end. */
export type Position = { readonly key: AttributeMap } | { readonly line: number } | 'done';

/** Some items of a part, in DynamoDB JSON, and where the part goes on after them. */
export interface Page {
  readonly items: readonly AttributeMap[];
  /** Entries of an export that are no items. */
  readonly unreadable?: number;
  readonly next: Position;
}

/** The items of a table, in parts that can be read side by side, each from where it was left. */
export interface ItemSource {
  /** The names of the parts, the same at every run: segments of a scan, files of an export. */
  readonly parts: readonly string[];
  /**
   * The pages of a part.
   *
   * @param from where an earlier run left it; its beginning where undefined
   */
  pages(part: string, from: Position | undefined, signal: AbortSignal): AsyncIterable<Page>;
}
