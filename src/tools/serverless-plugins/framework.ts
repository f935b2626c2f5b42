/** What the Serverless Framework gives every plugin. @see https://www.serverless.com/framework/docs/guides/plugins/creating-plugins */
export interface Framework {
  /** The folder of `serverless.yml`. */
  readonly serviceDir: string;
  readonly processedInput: { readonly commands: readonly string[] };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/** The plugin's own log, in the look of the framework's. */
export interface Log {
  readonly log: { notice(message: string): void };
}
