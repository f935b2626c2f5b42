import { UserError } from '../user-error.ts';
import { readServerlessFile } from './serverless-file.ts';

/** The default region of `serverless deploy`: that of `serverless.yml`. */
export const DEFAULT_REGION = 'us-east-1';

/** The first region that is set. An empty one, as a script may set it, counts as not set. */
export const firstRegion = (...named: readonly (string | undefined)[]): string | undefined =>
  named.find((name) => name !== undefined && name !== '');

/**
 * The region of a stage, by one rule for every command: the option, else `AWS_REGION`, else `provider.region` of
 * `serverless.yml`.
 *
 * @param root the folder of `serverless.yml`
 * @param option the value of `--region`, if given
 * @throws UserError where neither is set and `serverless.yml` has a variable
 */
export const regionOf = async (
  root: string,
  option?: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> => {
  const named = firstRegion(option, env.AWS_REGION);
  if (named !== undefined) return named;
  const { region } = (await readServerlessFile(root)).provider;
  if (/^[a-z\d-]+$/.test(region)) return region;
  throw new UserError(
    `provider.region of serverless.yml is ${region}: name the region by --region or AWS_REGION.`,
  );
};
