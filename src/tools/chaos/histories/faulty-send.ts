import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, NextFault } from '../faults.ts';
import type { Send } from './memory-dynamodb.ts';
import { partialCall } from '../partial-answers.ts';

type AnyCommand = new (input: object) => object;

const failed = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const broken = (): Error => Object.assign(failed('Error', 'socket hang up'), { code: 'ECONNRESET' });
const operationOf = (command: object): string => command.constructor.name.replace(/Command$/, '');

/**
 * A client with the same faults as one behind a fault proxy, without the SDK's own retries.
 *
 * @param onLate receives a promise for each call that the service will execute later
 */
export const faultySend = (
  send: Send,
  nextFault: NextFault,
  onLate: (done: Promise<unknown>) => void = () => undefined,
): Send => {
  const befall = async (fault: Fault, command: object): Promise<object> => {
    switch (fault) {
      case 'throttled':
        throw failed('ThrottlingException', 'Rate exceeded');
      case 'internal':
        throw failed('InternalServerError', 'Internal server error');
      case 'dropped':
        throw broken();
      case 'droppedAfter':
        // The service's answer is dropped.
        await send(command).catch(() => undefined);
        throw broken();
      case 'late':
        onLate(sleep(2).then(() => send(command).catch(() => undefined)));
        throw broken();
      case 'delayed':
        await sleep(1);
        return send(command);
      case 'unprocessed':
      case 'statement': {
        const { input } = command as { readonly input: Readonly<Record<string, unknown>> };
        const part = partialCall(operationOf(command), input);
        if (part === undefined) return send(command);
        const again = part.request && new (command.constructor as AnyCommand)(part.request);
        return part.answer((again ? await send(again) : {}) as Readonly<Record<string, unknown>>);
      }
    }
  };
  return async (command, options) => {
    if (options?.abortSignal?.aborted) throw failed('AbortError', 'Request aborted');
    const fault = nextFault(operationOf(command));
    return fault === undefined ? send(command) : befall(fault, command);
  };
};
