import type { Handler } from './clients/client.ts';
import { jsonResponse } from './json-response.ts';
import { Problem } from './problem.ts';
import type { Models } from '../tasks/model.ts';

/**
 * Whether requests can be answered here: the default model is loaded, or can be.
 *
 * @param type of the problem where they cannot
 */
export const health =
  (
    { models, ready }: { readonly models: Models; readonly ready?: () => boolean },
    type: 'Backend' | 'Unhealthy',
  ): Handler =>
  async () => {
    if (ready?.() === false) throw new Problem(type, 'the server is about to stop');
    const [model] = models.resolve();
    try {
      if (model !== undefined) await models.load(model.id);
    } catch (cause) {
      throw new Problem(type, 'the default model cannot be loaded; the log of the server has the reason', {
        cause,
      });
    }
    return jsonResponse({ status: 'ok' });
  };
