import type { PermanentError } from '../errors.ts';
import type { AttributeMap, AttributeValue } from '../dynamodb-json/attributes.ts';
import type { Held, TextAttribute } from './item-text.ts';
import type { OptionalName } from './label-names.ts';
import type { Answer, Input } from './model.ts';

/**
 * What models take and give, and how it is written to an item: all that the pipeline, the stores and the loaders of
 * models leave to the task. A task is a file with such an object, and a line in tasks.ts.
 */
export interface Task<I extends Input = Input, A extends Answer = Answer> {
  /** The value of `task` in model.json. */
  readonly name: string;

  /** The places of an item's texts that it reads, in the order in which it names them. */
  textsOf(places: TextPlaces): readonly TextPlace[];
  /**
   * The content of an item that models classify.
   *
   * @throws PermanentError (`bad-text`) where it is a value that no item can hold
   */
  contentOf(item: AttributeMap, settings: ContentSettings): Content<I>;
  /** The input of `contentOf` alone, where nothing is written back to the item: nothing is hashed. */
  inputOf(item: AttributeMap, settings: ContentSettings): Content<I>['input'];
  /** An input with this text, to try or to measure a model with. */
  inputAbout(text: string): I;
  /** Whether a JSON value is an input. */
  isInput(value: unknown): value is I;
  /** The hash of `contentOf`, where the texts are plain strings and it is cheap to compute; undefined otherwise. */
  hashAtAGlance(item: AttributeMap, places: TextPlaces): string | undefined;

  /** The outputs of a graph that the task reads, by their usual names; a manifest may name others. */
  readonly outputs: readonly string[];
  /** Why a graph with these outputs is for another task, as part of a sentence; undefined if it may be for this. */
  isForAnother(outputs: readonly string[]): string | undefined;
  /** The confidence of a model in its answer, from 0 to 1. */
  confidenceOf(answer: A): number;
  /** The label that a model answers with; undefined where its answers are not of a number of labels. */
  labelOf(answer: A): string | undefined;

  /** The prefix of an answer's attributes, where no model says another. */
  readonly prefix: string;
  /** Those of the optional attributes that an answer may have. */
  readonly extras: readonly OptionalName[];
  /** Whether an answer has nothing to write. */
  isEmpty(answer: A): boolean;
  /** The attributes of an answer, the answer itself first, with the names of label-names.ts; none if it is empty. */
  attributesOf(answer: A, prefix: string): readonly NamedValue[];
  /** The answer as JSON for clients. */
  jsonOf(answer: A): Readonly<Record<string, unknown>>;
  /** The fields of an answer on a line of a file, or the columns of a table, the answer itself first. */
  readonly fields: readonly AnswerField[];
  /** The values of those fields that an answer has, with the scores that items get. */
  fieldsOf(answer: A): Readonly<Record<string, unknown>>;
}

/** A field of answers in files. `json`: a list or an object. */
export interface AnswerField {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'json';
}

/** The content of an item that models classify. */
export interface Content<I extends Input = Input> {
  /** As the models get it; an error where no model can take it; undefined where the item has no content. */
  readonly input: I | PermanentError | undefined;
  /** Identifies the content that an answer is for: it is written together with the answer. */
  readonly hash: string;
  /** Where the item holds it, with the exact stored values, and the places before it that must be empty. */
  readonly holds: readonly Held[];
}

/** A text that a task reads. */
export interface TextPlace {
  /** The first of these that an item has. */
  readonly attributes: readonly TextAttribute[];
  /** An item may do without it. */
  readonly isOptional?: true;
}

/** Where items hold their texts. */
export interface TextPlaces {
  /** The first of these that an item has is its text. */
  readonly textAttributes: readonly TextAttribute[];
  /** The attribute that holds the second text of a pair. */
  readonly textPairAttribute?: TextAttribute | undefined;
  /** The attributes that hold a question and the context in which it is answered; `question` and `context` unless given. */
  readonly questionAttribute?: TextAttribute | undefined;
  readonly contextAttribute?: TextAttribute | undefined;
}

export interface ContentSettings extends TextPlaces {
  /** The most characters (Unicode code points) a text may have. */
  readonly maxTextCharacters: number;
}

/** An attribute of an item and the value that it gets, or should hold. */
export interface NamedValue {
  readonly name: string;
  readonly value: AttributeValue;
}
