import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { must } from '../../src/errors.ts';
import type { LogLine } from '../support/serve-process.ts';
import type { Engine, RunOptions } from './engine.ts';

/** A container that runs, with what it logs. */
export const startContainer = (engine: Engine, options: RunOptions) => {
  const child = engine.start(options);
  const said: string[] = [];
  const output = createInterface({ input: must(child.stdout, 'stdout') });
  output.on('line', (line) => {
    said.push(line);
    output.emit('read');
  });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const parsed = (line: string): LogLine | undefined =>
    line.startsWith('{') ? (JSON.parse(line) as LogLine) : undefined;
  /** Waits for a line with this message. */
  const logged = async (message: string): Promise<LogLine> => {
    for (;;) {
      const found = said.map(parsed).find((line) => line?.message === message);
      if (found !== undefined) return found;
      const more = await Promise.race([once(output, 'read').then(() => true), ended.then(() => false)]);
      if (!more) throw new Error(`it ended before it logged ${message}:\n${said.join('\n')}`);
    }
  };
  return { child, said, ended, logged };
};
