import { ConfigError, PermanentError } from '../../../errors.ts';
import type { PostProcessorConfig } from '../special-tokens.ts';
import type { Pipeline, PipelineConfig } from '../tokenizer-pipeline.ts';
import { alignedNormalizerOf } from './aligned-normalizers.ts';
import { alignedPreTokenizerOf } from './aligned-words.ts';
import { pieceFinder } from './pieces.ts';
import { trimOf } from './trimmed.ts';

/** The tokens of a text, in order; all of the same length. */
export interface TokenSpans {
  readonly ids: readonly number[];
  /**
   * Indices into the text (UTF-16 code units): of a token's first character, and after its last one. They are equal
   * where a token is of spaces that are trimmed.
   */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The word of each token, counted from 0, as `word_ids` of Hugging Face's tokenizers. */
  readonly words: readonly number[];
}

/** The fields of tokenizer.json that the places of tokens depend on. */
export interface SpansConfig extends PipelineConfig {
  readonly post_processor?: PostProcessorConfig | null;
}

const SUPPORTED =
  'WordPiece with a BertPreTokenizer (BERT, DistilBERT, ELECTRA, MobileBERT) and BPE with the pre-tokenizer ByteLevel ' +
  '(RoBERTa), without a normalizer or with one of BertNormalizer, Lowercase, NFD and StripAccents';

/**
 * Makes a tokenizer that gives the place of each token, exactly as the Rust tokenizers' `offsets` and `word_ids`. The
 * place of each character is kept from step to step; nothing is searched for. No special tokens are added, nothing is
 * truncated, and spaces are trimmed where `trim_offsets` says so.
 *
 * @param file the path of tokenizer.json, for errors
 * @returns it throws PermanentError (`bad-text`) where the tokens do not spell the text
 * @throws ConfigError where the type of tokenizer is not supported
 * @see https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/tokenizer/pre_tokenizer.rs `into_encoding`
 */
export const tokenSpans = (
  file: string,
  config: SpansConfig,
  { model, added }: Pick<Pipeline, 'model' | 'added'>,
): ((text: string) => TokenSpans) => {
  const align = alignedNormalizerOf(config.normalizer);
  const preTokenize = alignedPreTokenizerOf(config.pre_tokenizer);
  if (config.model.type === 'Unigram' || !align || !preTokenize || hasAffixes(config.model)) {
    throw new ConfigError(
      `${file} has a tokenizer of type ${described(config)}, whose tokens have no known place in the text; use a model ` +
        `with one of type ${SUPPORTED}`,
    );
  }
  const piecesOf = pieceFinder(model, config.model);
  const trim = trimOf(config.post_processor);

  return (source) => {
    const spans = {
      ids: [] as number[],
      starts: [] as number[],
      ends: [] as number[],
      words: [] as number[],
    };
    let word = 0;
    const add = (id: number, token: string, start: number, end: number): void => {
      const [from, to] = trim(source, spans.ids.length, token, [start, end]);
      spans.ids.push(id);
      spans.starts.push(from);
      spans.ends.push(to);
      spans.words.push(word);
    };
    let origin = 0;
    for (const { text, id } of added.cutText(source)) {
      const start = origin;
      origin += text.length;
      if (id !== undefined) {
        add(id, text, start, origin);
        word += 1;
        continue;
      }
      const aligned = align(text);
      const startOf = (index: number): number => start + aligned.startOf(index);
      const endOf = (index: number): number => start + aligned.endOf(index);
      let place = 0;
      for (const section of added.cutNormalized(aligned.text)) {
        const first = place;
        place += section.text.length;
        if (section.id !== undefined) {
          add(section.id, section.text, startOf(first), endOf(place - 1));
          word += 1;
          continue;
        }
        for (const { text: whole, placeOf } of preTokenize(section.text)) {
          const pieces = piecesOf(whole);
          if (pieces === undefined) throw mismatch(startOf(first + placeOf(0)));
          let begin = 0;
          for (const [index, end] of pieces.ends.entries()) {
            const [from, to] = [startOf(first + placeOf(begin)), endOf(first + placeOf(end - 1))];
            if (!(from < to)) throw mismatch(start);
            add(pieces.ids[index] ?? 0, pieces.tokens[index] ?? '', from, to);
            begin = end;
          }
          word += 1;
        }
      }
    }
    return spans;
  };
};

const mismatch = (place: number): PermanentError =>
  new PermanentError(
    'bad-text',
    `the tokens of the text do not spell it from the character at index ${place} (UTF-16) on; the model cannot answer questions about it`,
  );

/** Whether pieces have a mark of a word's inside or end, which is no part of the text. */
const hasAffixes = (model: SpansConfig['model']): boolean =>
  model.type === 'BPE' && Boolean(model.continuing_subword_prefix || model.end_of_word_suffix);

const described = ({ model, normalizer, pre_tokenizer: preTokenizer }: SpansConfig): string =>
  `${model.type} (normalizer ${normalizer?.type ?? 'none'}, pre-tokenizer ${preTokenizer?.type ?? 'none'})`;
