/** `npm run serve`: the server of the container, with the models as they are deployed. */
import { delimiter, join } from 'node:path';
import { Command } from 'commander';
import { serve } from '../../server/serve.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { buildLayers } from '../build/layers.ts';
import { defaultParameters, longestText } from '../serverless-yml/default-parameters.ts';
import { whole } from './options.ts';
import { ROOT } from './root.ts';
import { run } from './run.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
  readonly model?: string;
  readonly threads?: number;
}

const program = new Command('npm run serve --')
  .description(
    'Answers predictions over HTTP, as the container does. Its settings are environment variables: docs/http.md.',
  )
  .option('--port <n>', 'to listen on, 0 for any that is free; else PORT, else 8080', whole(0, 65_535))
  .option('--host <address>', 'to listen on; else HOST, else 127.0.0.1')
  .option(
    '--model <name>',
    "the default model, as name or name@version; several, separated by commas; else serverless.yml's",
  )
  .option('--threads <n>', 'processes that answer side by side; else THREADS, else 1', whole(1, 128));

const main = async ({ port, host, model, threads }: Options): Promise<void> => {
  await openBuildFolder(ROOT);
  const parameters = await defaultParameters(ROOT);
  // The models as deployed, where graphs may be joined.
  const { opt } = await buildLayers({ architecture: 'host', root: ROOT });
  const paths = [join(opt, 'nodejs', 'node_modules'), process.env.NODE_PATH];
  const given = {
    ...(port !== undefined && { PORT: String(port), AWS_LAMBDA_HTTP_ENDPOINT: '' }),
    ...(host !== undefined && { HOST: host, AWS_LAMBDA_HTTP_ENDPOINT: '' }),
    ...(threads !== undefined && { THREADS: String(threads) }),
  };
  const env = {
    MODELS_DIR: join(opt, 'models'),
    MAX_TEXT_CHARACTERS: String(await longestText(ROOT)),
    MODEL: String(parameters.model),
    ...process.env,
    ...(model !== undefined && { MODEL: model }),
    ...given,
    NODE_PATH: paths.filter(Boolean).join(delimiter),
  };
  await serve(env, join(ROOT, 'src', 'main.ts'));
};

await run(program.action(main));
// An error may leave threads or processes behind. Output may not be flushed yet.
if (process.exitCode !== undefined && process.exitCode !== 0) process.stdout.write('', () => process.exit());
