/** The limits of a request. */
export interface RequestLimits {
  /** Texts of a request. */
  readonly texts: number;
  /** Characters (Unicode code points) of a text. */
  readonly characters: number;
  /** Bytes of a body, as sent and decompressed. */
  readonly bytes: number;
}
