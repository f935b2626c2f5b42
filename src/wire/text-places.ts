import type { TextPlaces } from '../tasks/task.ts';
import type { Config } from './config.ts';

type Settings = Pick<
  Config,
  'CONTEXT_ATTRIBUTE' | 'QUESTION_ATTRIBUTE' | 'TEXT_ATTRIBUTES' | 'TEXT_PAIR_ATTRIBUTE'
>;

/** Where items and records hold their texts, by the settings. */
export const textPlaces = (config: Settings): TextPlaces => ({
  textAttributes: config.TEXT_ATTRIBUTES,
  textPairAttribute: config.TEXT_PAIR_ATTRIBUTE,
  questionAttribute: config.QUESTION_ATTRIBUTE,
  contextAttribute: config.CONTEXT_ATTRIBUTE,
});
