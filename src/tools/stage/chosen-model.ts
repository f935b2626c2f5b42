/**
 * How a function's model was chosen is stored with each version of the function, where it cannot be lost or changed: in
 * its description, which is written on publishing, and in an environment variable, which a deployment can read.
 */

/** The variable with the default model. */
export const MODEL_VARIABLE = 'MODEL';
/**
 * The variable for the origin of the model, where that is not `serverless.yml`. It makes each choice a different
 * configuration: Lambda publishes no version without a change, and CloudFormation treats that as an error.
 */
export const CHOSEN_BY_VARIABLE = 'MODEL_CHOSEN_BY';

const BY_USE = 'npm run model';

type Variables = Readonly<Record<string, string>>;

/** The environment of a function whose model a user chooses, with the version that was live before. */
export const chosen = (variables: Variables, model: string, afterVersion: string): Variables => ({
  ...variables,
  [MODEL_VARIABLE]: model,
  [CHOSEN_BY_VARIABLE]: `${BY_USE}, after version ${afterVersion}`,
});

/** The variables that a deployment adds where it keeps a model that a user has chosen. */
export const KEPT: Variables = { [CHOSEN_BY_VARIABLE]: BY_USE };

/** The variables that a deployment adds where it overrides that model: unique to this deployment. */
export const overruled = (version: string): Variables => ({
  [CHOSEN_BY_VARIABLE]: `deployment, after version ${version}`,
});

/** Whether a user has chosen the model, and no deployment has changed it since. */
export const isChosenByUser = (variables: Variables): boolean =>
  variables[CHOSEN_BY_VARIABLE]?.startsWith(BY_USE) ?? false;

/** The description of a version that `npm run model -- use` publishes. */
export const describeChoice = (model: string, afterVersion: string): string =>
  `model ${model} after version ${afterVersion}`;

/** The version that was live before one was published for its model; undefined where a deployment published it. */
export const versionBefore = (description = ''): string | undefined =>
  /^model \S+ after version (\d+)$/.exec(description)?.[1];
