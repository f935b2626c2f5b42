import { must } from '../../../errors.ts';
import type { Input } from '../../../tasks/model.ts';
import { readLabels, type LabelSettings, type TextInput } from '../../../tasks/text-classification.ts';
import type { Reader, ReaderParts } from './reader.ts';

/** One run per text or pair, which is truncated to what the model takes. */
export const textClassificationReader = ({ manifest, settings, tokenizer, options }: ReaderParts): Reader => {
  const { labels, activation, threshold } = settings;
  const { topK = manifest.topK, keepScores = false } = options;
  const reading: LabelSettings = {
    labels,
    activation,
    threshold,
    topK,
    ...(keepScores && { keep: 'logits' }),
  };
  return {
    columns: labels.length,
    probe: '',
    encode: (input: Input) => {
      const encoding = tokenizer.encode(input as TextInput);
      return {
        runs: [encoding],
        read: ([outputs]) => readLabels(must(outputs?.[0], 'row of scores'), reading, encoding),
      };
    },
  };
};
