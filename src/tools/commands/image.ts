/** `npm run image`: builds the container image of server, batch jobs and functions. */
import { Command, Option } from 'commander';
import { buildImage, BUILDERS, type BuilderName, findBuilder, imageBytes } from '../build/image-builder.ts';
import { prepareImage } from '../build/image-content.ts';
import { megabytes } from '../build/layer-size.ts';
import { defaultParameters } from '../serverless-yml/default-parameters.ts';
import { UserError } from '../user-error.ts';
import { ROOT } from './root.ts';
import { run } from './run.ts';

interface Options {
  readonly architecture?: 'arm64' | 'x86_64';
  readonly base?: string;
  readonly model?: string;
  readonly node?: boolean;
  readonly tag: string;
  readonly with?: BuilderName;
  readonly prepareOnly?: boolean;
}

const program = new Command('npm run image --')
  .description('Builds the container image: the HTTP server, the jobs of AWS Batch and the Lambda functions.')
  .addOption(
    new Option('--architecture <cpu>', "of the image; else serverless.yml's").choices(['arm64', 'x86_64']),
  )
  .option('--base <image>', "instead of the Dockerfile's")
  .option('--node', 'takes the Node.js of this project along, for a base that has none')
  .option('--model <name>', "the default model, as name or name@version; else serverless.yml's")
  .option('--tag <name>', 'of the image', 'labelstream')
  .addOption(new Option('--with <program>', 'that builds it; else the first that works').choices(BUILDERS))
  .option('--prepare-only', 'prepares .build/image, and builds no image of it');

const main = async ({ base, node = false, tag, prepareOnly, ...options }: Options): Promise<void> => {
  const { architecture, model } = await defaultParameters(ROOT);
  const wanted = options.with === undefined ? BUILDERS : [options.with];
  const builder = prepareOnly ? undefined : await findBuilder(wanted);
  if (builder === undefined && !prepareOnly)
    throw new UserError(`No image was built: ${wanted.join(', ')} cannot be found here, or does not work.`);
  const cpu = options.architecture ?? (String(architecture) as 'arm64' | 'x86_64');
  const { bytes, platform } = await prepareImage(ROOT, { architecture: cpu, node });
  console.log(`.build/image: ${megabytes(bytes)} for ${platform}`);
  if (builder === undefined) return;
  await buildImage(builder, { root: ROOT, base, model: options.model ?? String(model), tag, platform });
  console.log(`${tag}: ${megabytes(await imageBytes(builder, tag))}, built with ${builder}`);
};

await run(program.action(main));
