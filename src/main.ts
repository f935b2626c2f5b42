/**
 * The program of the container image. Its first argument says what it is: `serve`, the HTTP server, as SageMaker starts
 * it; `job`, a job of AWS Batch; or the name of a Lambda function. Settings are environment variables.
 */
import { ConfigError, describeError } from './errors.ts';
import { log } from './http/log.ts';

type Program = (args: readonly string[]) => Promise<void>;

/** The file that this program is, which starts itself again for processes that work side by side. */
const entry = process.argv[1] ?? '';

const noArguments = (args: readonly string[]): void => {
  if (args.length > 0) throw new ConfigError('it takes no arguments; settings are environment variables');
};

/** Each is loaded when it is asked for: a function reads its settings as soon as its module is loaded. */
const functionProgram =
  (load: () => Promise<{ readonly handler: unknown }>): Program =>
  async (args) => {
    noArguments(args);
    const { runFunction } = await import('./runtime/run-function.ts');
    await runFunction(load);
  };

const PROGRAMS: Readonly<Record<string, Program>> = {
  serve: async (args) => {
    noArguments(args);
    const { serve } = await import('./server/serve.ts');
    await serve(process.env, entry);
  },
  job: async (args) => {
    const { requireName, runJob } = await import('./jobs/run-job.ts');
    await runJob(requireName(args), process.env, entry);
  },
  'classify-stream': functionProgram(() => import('./functions/classify-stream.ts')),
  'classify-objects': functionProgram(() => import('./functions/classify-objects.ts')),
  'plan-objects': functionProgram(() => import('./functions/plan-objects.ts')),
  'fan-out': functionProgram(() => import('./functions/fan-out.ts')),
  predict: functionProgram(() => import('./functions/predict.ts')),
};

const [name = 'serve', ...args] = process.argv.slice(2);
const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
const running =
  program === undefined
    ? Promise.reject(new ConfigError(`the first argument is one of ${Object.keys(PROGRAMS).join(', ')}`))
    : program(args);
running.catch((error: unknown) => {
  log('ERROR', 'start', { program: name, reason: describeError(error) });
  process.exit(2);
});
