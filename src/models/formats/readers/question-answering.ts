import { PermanentError } from '../../../errors.ts';
import { bestSpans, type ContextTokens } from '../../../tasks/answer-spans.ts';
import type { Input } from '../../../tasks/model.ts';
import type { QuestionInput, QuestionPrediction, SpanSettings } from '../../../tasks/question-answering.ts';
import { windowsOf } from '../../tokenizer/windows.ts';
import { recent } from './recent.ts';
import type { Outputs, Reader, ReaderParts } from './reader.ts';

/** What Hugging Face's pipeline has where neither the request nor the model says otherwise. */
const STRIDE = 128;

/** Characters of the contexts whose tokens are kept for further questions about them. */
const KEPT_CHARACTERS = 1_000_000;

/**
 * A run for each window of the context, which begins with the question. The question is never truncated, and every
 * token of the context is in a window.
 */
export const questionAnsweringReader = ({
  id,
  manifest,
  settings,
  tokenizer,
  options,
}: ReaderParts): Reader => {
  const { topK: own, questions: { stride: ownStride, ...spans } = {} } = manifest;
  const topK = (options.topK === undefined ? own : options.topK) ?? undefined;
  const asked: SpanSettings = { ...spans, topK };
  const special = settings.maxLength - tokenizer.pairRoom;
  const tokensOf = recent((context: string) => tokenizer.tokensOf(context), KEPT_CHARACTERS);

  const encode = (input: Input) => {
    const { question, context, windows: given } = input as QuestionInput;
    const maxLength = Math.min(given?.maxLength ?? settings.maxLength, settings.maxLength);
    const questionIds = tokenizer.idsOf(question);
    const room = maxLength - special - questionIds.length;
    if (room < 1)
      throw new PermanentError(
        'text-too-long',
        `the question has ${questionIds.length} tokens, and ${maxLength - special - 1} fit into a window of model ${id} with a part of the context; shorten it`,
      );
    const tokens = tokensOf(context);
    const stride = given?.stride ?? ownStride ?? Math.min(Math.floor(maxLength / 2), STRIDE);
    const windows = windowsOf(tokens.ids.length, room, Math.min(stride, room - 1));
    const runs = windows.map(({ first, count }) =>
      tokenizer.join(questionIds, tokens.ids.slice(first, first + count)),
    );
    return {
      runs,
      read: (rows: readonly Outputs[]): QuestionPrediction => {
        const logits = windows.map((window, index) => {
          const [start = NONE, end = NONE] = rows[index] ?? [];
          return { ...window, start, end, row: runs[index]?.second ?? 0 };
        });
        if (!logits.every(({ start, end }) => start.every(Number.isFinite) && end.every(Number.isFinite)))
          return fault('bad-score', `model ${id} gave a score that is not a finite number`);
        const source: ContextTokens = { context, ...tokens };
        const spansBy = (by: SpanSettings) => bestSpans(source, logits, { ...asked, ...by });
        const best = spansBy({});
        if (best.length === 0) return fault('bad-text', 'the context has no token that the model reads');
        return {
          spans: best,
          ...((topK ?? 1) > 1 && { listed: best }),
          ...(options.keepScores === true && { spansBy }),
        };
      },
    };
  };
  return { columns: 'tokens', probe: { question: 'a', context: 'a' }, encode };
};

const NONE = new Float32Array(0);

const fault = (code: 'bad-score' | 'bad-text', message: string) => ({
  error: new PermanentError(code, message),
});
