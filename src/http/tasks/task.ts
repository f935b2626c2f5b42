import type * as z from 'zod';
import type { PermanentError } from '../../errors.ts';
import type { Answer, Input } from '../../tasks/model.ts';

/**
 * What requests hold for a task and what they get: all that the routes and the shapes of clients leave to it. A task is
 * a file with such an object, and a line in tasks.ts.
 */
export interface HttpTask<I extends Input = Input, P extends object = object> {
  /** The value of `task` in model.json. */
  readonly name: string;

  /** One input in a JSON body. */
  readonly input: z.ZodType;
  /** The names of the fields of an input in a query and of the columns of a CSV row; those that may be missing, last. */
  readonly fields: readonly [string, ...string[]];
  /**
   * The input that a JSON value holds.
   *
   * @param pointer to it
   * @returns an error where it is one that no model can take
   * @throws Problem (422) where it is of the wrong shape
   */
  inputOf(value: unknown, limits: InputLimits, pointer: string): I | PermanentError;
  /** The input with those parameters that are about reading it; the input itself unless the task has such. */
  asked?(input: I, parameters: P): I;
  /** Two texts as one input, for models of pairs; undefined where the task has none. */
  pairOf?(first: string, second: string): object;

  /** The parameters of a request. */
  readonly parameters: z.ZodType<P>;
  /** The parameters by which Text Embeddings Inference answers. @param isRaw the scores as the model gives them */
  teiParameters(isRaw: boolean): P;
  /** What is said of one input. */
  readonly output: z.ZodType;
  /** The answer to one input as JSON; an error where the parameters do not apply to it. */
  jsonOf(answer: Answer, parameters: P): unknown;
  /** The answer as Hugging Face's clients read it where a request had a single input. */
  single(json: unknown): unknown;
  /** The answer as columns of a CSV row. */
  columnsOf(json: unknown): readonly (string | number)[];
}

export interface InputLimits {
  /** Characters (Unicode code points) of a text. */
  readonly characters: number;
}
