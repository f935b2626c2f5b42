/** What a request was about, for reports: never a text. */
export interface Seen {
  /** `name@version` */
  models: readonly string[];
  texts: number;
}
