/** The program of a container: `serve`, as SageMaker starts it. Settings are environment variables. */
import { describeError } from '../errors.ts';
import { log } from '../http/log.ts';
import { serve } from './serve.ts';

const [command = 'serve', ...others] = process.argv.slice(2);
if (command === 'serve' && others.length === 0) {
  serve(process.env, process.argv[1] ?? '').catch((error: unknown) => {
    log('ERROR', 'start', { reason: describeError(error) });
    process.exit(2);
  });
} else {
  log('ERROR', 'start', { reason: 'the only argument is serve; settings are environment variables' });
  process.exitCode = 2;
}
