import { readServerlessFile } from '../serverless-yml/serverless-file.ts';
import { CHOOSING, type StageParameters } from '../serverless-plugins/parameters/choose.ts';
import { parameterFaults, unknownParameters } from '../serverless-plugins/parameters/faults.ts';
import { UserError } from '../user-error.ts';

/** A parameter of `serverless.yml`: those that decide what a stage has, and the others. */
export type Parameters = StageParameters & Readonly<Record<string, string>>;

/**
 * The parameters of a stage as a deployment has them: those given, else the stage's, else the defaults.
 *
 * @param root the folder of `serverless.yml`
 * @param given by name
 * @throws UserError that lists every parameter that is unknown or invalid
 */
export const stageParameters = async (
  root: string,
  stage: string,
  given: Readonly<Record<string, string>>,
): Promise<Parameters> => {
  const { params } = await readServerlessFile(root);
  const parameters = Object.fromEntries(
    Object.entries({ ...params.default, ...params[stage], ...given }).map(([name, value]) => [
      name,
      String(value).trim(),
    ]),
  ) as Parameters;
  const choosing = Object.fromEntries(CHOOSING.map((name) => [name, parameters[name]])) as StageParameters;
  const faults = [
    ...unknownParameters(Object.keys(given), Object.keys(params.default)),
    ...parameterFaults(choosing),
  ];
  if (faults.length > 0) throw new UserError(faults.join('\n'));
  return parameters;
};
