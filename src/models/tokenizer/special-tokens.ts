/** A special token of a sequence, or the place of the first text (0) or the second text of a pair (1). */
export type Piece =
  { readonly id: number; readonly type: number } | { readonly text: 0 | 1; readonly type: number };

/** The sequence of a text, `[CLS] text [SEP]`, and of a pair, `[CLS] text [SEP] other [SEP]`. */
export interface SpecialTokens {
  readonly single: readonly Piece[];
  readonly pair: readonly Piece[];
}

/** A post-processor in tokenizer.json, by its type. */
export type PostProcessorConfig =
  | { readonly type: 'Sequence'; readonly processors: readonly PostProcessorConfig[] }
  | ({ readonly type: 'ByteLevel' } & TrimConfig)
  | { readonly type: 'BertProcessing'; readonly cls: NamedId; readonly sep: NamedId }
  | ({ readonly type: 'RobertaProcessing'; readonly cls: NamedId; readonly sep: NamedId } & TrimConfig)
  | {
      readonly type: 'TemplateProcessing';
      readonly single: readonly TemplatePiece[];
      readonly pair: readonly TemplatePiece[];
      readonly special_tokens: Readonly<Record<string, TemplateToken>>;
    };

/** How spaces are taken out of the tokens' places in the text. */
interface TrimConfig {
  readonly trim_offsets?: boolean;
  readonly add_prefix_space?: boolean;
}

interface TemplateToken {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

type NamedId = readonly [token: string, id: number];

type TemplatePiece =
  | { readonly SpecialToken: { readonly id: string; readonly type_id: number } }
  | { readonly Sequence: { readonly id: 'A' | 'B'; readonly type_id: number } };

/**
 * The special tokens that a post-processor adds, and the type of each part, as the Rust tokenizers do it.
 *
 * @param idOf the vocabulary; ids are those of the post-processor
 * @param types how many token types the model knows; a higher one becomes the highest it knows
 * @throws Error where the post-processor is not supported, or a special token is not in the vocabulary
 * @see https://github.com/huggingface/tokenizers/tree/main/tokenizers/src/processors
 */
export const specialTokens = (
  processor: PostProcessorConfig | null | undefined,
  idOf: (token: string) => number | undefined,
  types: number,
): SpecialTokens => {
  const { single, pair } = processor ? templateOf(processor) : BARE;
  const known = ({ type, ...part }: Part): Piece => {
    if ('token' in part && idOf(part.token) === undefined) {
      throw new Error(`special token ${part.token} is not in the vocabulary`);
    }
    const place = 'token' in part ? { id: part.id } : part;
    return { ...place, type: Math.min(type, types - 1) };
  };
  return { single: single.map(known), pair: pair.map(known) };
};

/** A piece before its token and type are checked. */
type Part =
  | { readonly token: string; readonly id: number; readonly type: number }
  | { readonly text: 0 | 1; readonly type: number };

interface Template {
  readonly single: readonly Part[];
  readonly pair: readonly Part[];
}

const text = (index: 0 | 1, type: number): Part => ({ text: index, type });
const named = ([token, id]: NamedId, type: number): Part => ({ token, id, type });

/** Texts that follow each other. */
const BARE: Template = { single: [text(0, 0)], pair: [text(0, 0), text(1, 1)] };

const templateOf = (processor: PostProcessorConfig): Template => {
  switch (processor.type) {
    // This one only changes offsets.
    case 'ByteLevel':
      return BARE;
    case 'Sequence': {
      const [first, ...others] = processor.processors.filter(({ type }) => type !== 'ByteLevel');
      if (others.length > 0) throw new Error('more than one of its post-processors adds special tokens');
      return first === undefined ? BARE : templateOf(first);
    }
    case 'BertProcessing': {
      const [cls, sep, end] = [named(processor.cls, 0), named(processor.sep, 0), named(processor.sep, 1)];
      return { single: [cls, text(0, 0), sep], pair: [cls, text(0, 0), sep, text(1, 1), end] };
    }
    case 'RobertaProcessing': {
      const [cls, sep] = [named(processor.cls, 0), named(processor.sep, 0)];
      return { single: [cls, text(0, 0), sep], pair: [cls, text(0, 0), sep, sep, text(1, 0), sep] };
    }
    case 'TemplateProcessing': {
      const { single, pair, special_tokens: tokens } = processor;
      return { single: filled(single, tokens), pair: filled(pair, tokens) };
    }
    default:
      throw new Error(`its post-processor ${(processor as { type: string }).type} is not supported`);
  }
};

/** A special token of a template may be several tokens. */
const filled = (
  template: readonly TemplatePiece[],
  specials: Readonly<Record<string, TemplateToken>>,
): readonly Part[] =>
  template.flatMap((piece) => {
    if ('Sequence' in piece) return text(piece.Sequence.id === 'A' ? 0 : 1, piece.Sequence.type_id);
    const { id: name, type_id: type } = piece.SpecialToken;
    const special = specials[name];
    if (special === undefined) throw new Error(`its post-processor has no ids for the special token ${name}`);
    return special.ids.map((id, index) => named([special.tokens[index] ?? name, id], type));
  });
