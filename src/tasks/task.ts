import type { PermanentError } from '../errors.ts';
import type { AttributeMap, AttributeValue } from '../dynamodb-json/attributes.ts';
import type { Held, TextAttribute } from './item-text.ts';
import type { Answer, Input, Prediction } from './model.ts';

/**
 * What is asked of models, what they say, and how an item bears it: all that the pipeline, the stores and the loaders of
 * models leave open. A task is a file with such an object, and a line in tasks.ts.
 */
export interface Task<I extends Input = Input, A extends Answer = Answer> {
  /** As `task` in model.json has it. */
  readonly name: string;

  /**
   * What there is to ask about an item.
   *
   * @throws PermanentError (`bad-text`) where something is in its place that no item can hold
   */
  contentOf(item: AttributeMap, settings: ContentSettings): Content<I>;
  /** The hash that `contentOf` gives, where it takes no more than a look at plain strings; undefined for all else. */
  hashAtAGlance(item: AttributeMap, places: TextPlaces): string | undefined;

  /** The outputs of a graph that the task reads, by their usual names; a manifest may name others. */
  readonly outputs: readonly string[];
  /** Why a graph with these outputs is for another task, as part of a sentence; undefined where it may be for this one. */
  isForAnother(outputs: readonly string[]): string | undefined;
  /** What a graph says of one input. @param rows of its outputs, in the order of `outputs` */
  read(rows: readonly Float32Array[], settings: ReadSettings, input: ReadInput): Prediction<A>;
  /** How sure a model is of what it says, from 0 to 1. */
  confidenceOf(answer: A): number;

  /** What an answer is on an item, the answer itself first, under the names of label-names.ts; none where it says nothing. */
  attributesOf(answer: A, prefix: string): readonly NamedValue[];
  /** What a client gets. */
  jsonOf(answer: A): Readonly<Record<string, unknown>>;
}

/** What there is to ask about an item. */
export interface Content<I extends Input = Input> {
  /** As the models see it; why no model can take it; undefined where the item has nothing to ask about. */
  readonly input: I | PermanentError | undefined;
  /** Names what an answer belongs to: it is written beside the answer. */
  readonly hash: string;
  /** What makes it the item's: where the item holds it, exactly as stored, and where there is nothing before it. */
  readonly holds: readonly Held[];
}

/** Where items hold their texts. */
export interface TextPlaces {
  /** The first of these that an item has is its text. */
  readonly textAttributes: readonly TextAttribute[];
  /** What an item has here is the second text of a pair. */
  readonly textPairAttribute?: TextAttribute | undefined;
}

export interface ContentSettings extends TextPlaces {
  /** The most characters (Unicode code points) a text may have. */
  readonly maxTextCharacters: number;
}

/** What a manifest says of the reading of outputs. */
export interface ReadSettings {
  /** In the order of the columns. */
  readonly labels: readonly string[];
  /** What makes probabilities of the scores; `none`, unless given. */
  readonly activation?: 'none' | 'softmax' | 'sigmoid' | undefined;
  /** How many labels to give, most probable first; `null`: all. If left out: one, or those that pass the threshold. */
  readonly topK?: number | null | undefined;
  /** Labels as probable as this are listed: each for itself, as a multi-label model means them. */
  readonly threshold?: number | undefined;
}

export interface ReadInput {
  /** The model saw the beginning only. */
  readonly truncated: boolean;
}

/** An attribute of an item and the value that it gets, or should hold. */
export interface NamedValue {
  readonly name: string;
  readonly value: AttributeValue;
}
