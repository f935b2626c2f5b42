import type { Input, Prediction } from '../../../tasks/model.ts';
import type { SpanSettings, WindowSettings } from '../../../tasks/question-answering.ts';
import type { TransformerSettings } from '../../folder/transformer-settings.ts';
import type { Encoding, TextTokenizer } from '../../tokenizer/tokenizer.ts';

/** How a transformer does a task: the runs of its graph that an input takes, and the answer in their outputs. */
export interface Reader {
  /** The columns of the graph's outputs: their number, or one for each token. */
  readonly columns: number | 'tokens';
  /** An input that takes one short run, to try the graph on. */
  readonly probe: Input;
  /** @throws PermanentError where the input is one that the model cannot take; any other error of the tokenizer */
  encode(input: Input): EncodedInput;
}

/** An input as a graph takes it. */
export interface EncodedInput {
  /** The runs that it takes, at least one. */
  readonly runs: readonly Encoding[];
  /** The answer. @param rows of the task's outputs, for each of the runs, in their order */
  read(rows: readonly Outputs[]): Prediction;
}

/** What a graph gave for one run: a row of each output, in the order of the task's outputs. */
export type Outputs = readonly Float32Array[];

/** What a reader is made of. */
export interface ReaderParts {
  /** `name@version` */
  readonly id: string;
  readonly manifest: ReaderManifest;
  readonly settings: TransformerSettings;
  readonly tokenizer: TextTokenizer;
  readonly options: ReaderOptions;
}

/** What a manifest says of answers. */
export interface ReaderManifest {
  readonly task: string;
  readonly topK?: number | null | undefined;
  readonly questions?: (Pick<WindowSettings, 'stride'> & Omit<SpanSettings, 'topK'>) | undefined;
}

/** The options of loading that are about answers: see `LoadOptions`. */
export interface ReaderOptions {
  readonly topK?: number | null;
  readonly keepScores?: boolean;
}
