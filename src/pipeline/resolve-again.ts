import type { Models } from '../tasks/model.ts';

/**
 * Does work that resolves names of models, and once more where one of them was not known and is by then: where models
 * are published while a door is open.
 */
export const resolvingAgain = async <Result>(models: Models, work: () => Result): Promise<Result> => {
  if (models.renew === undefined) return work();
  const first = attempt(work);
  return (await models.renew()) ? work() : first();
};

/** @returns what gives the result of work, or throws its error */
const attempt = <Result>(work: () => Result): (() => Result) => {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
};
