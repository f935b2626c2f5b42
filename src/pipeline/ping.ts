import { isObject } from '../dynamodb-json/attributes.ts';
import type { Models } from '../tasks/model.ts';

/** What a schedule sends to keep an environment of the function: it is answered without inference. */
export interface Ping {
  readonly labelstream: 'ping';
}

export interface PingAnswer {
  readonly labelstream: 'pong';
}

/** The first step of an entry point: answers pings once the default models are loaded, and nothing else. */
export const pinged =
  (parts: () => Promise<{ readonly models: Models }>) =>
  async ({ event }: { readonly event: unknown }): Promise<PingAnswer | undefined> => {
    if (!isPing(event)) return undefined;
    const { models } = await parts();
    await models.renew?.();
    await Promise.all(models.resolve().map(({ id }) => models.load(id)));
    return { labelstream: 'pong' };
  };

/** The events of HTTP have no such member: what a client sends is in their `body`. */
const isPing = (event: unknown): event is Ping => isObject(event) && event.labelstream === 'ping';
