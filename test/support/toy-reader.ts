import { type Copy, copyOf } from './transformers.ts';

/**
 * A model that answers questions: the word of the context whose token has the highest id, `will` before `why`, `when`,
 * `was`, `twice`, `transfer`, `the`, `pin` … It takes 32 tokens, special ones included.
 *
 * @param manifest model.json, where there is to be one
 */
export const toyReader = (manifest?: Record<string, unknown>): Copy => {
  const copy = copyOf('bert', manifest);
  copy.useGraph('questions.onnx');
  copy.edit('config.json', { architectures: ['BertForQuestionAnswering'] });
  return copy;
};
