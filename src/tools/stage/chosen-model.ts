/**
 * How a function's model was chosen is kept with each version of the function, where it cannot be lost or changed: in
 * its description, written when it is published, and in a variable of its environment, which a deployment can read.
 */

/** Names the model of records that name none. */
export const MODEL_VARIABLE = 'MODEL';
/**
 * Says who chose the model, where it was not `serverless.yml`. It makes each choice a configuration of its own:
 * Lambda publishes no version where nothing has changed since the last, and CloudFormation takes that for an error.
 */
export const CHOSEN_BY_VARIABLE = 'MODEL_CHOSEN_BY';

const BY_USE = 'npm run model';

type Variables = Readonly<Record<string, string>>;

/** The environment of a function that a user gives a model, after the version that was live. */
export const chosen = (variables: Variables, model: string, afterVersion: string): Variables => ({
  ...variables,
  [MODEL_VARIABLE]: model,
  [CHOSEN_BY_VARIABLE]: `${BY_USE}, after version ${afterVersion}`,
});

/** What a deployment adds to the environment where it keeps a model that a user has chosen. */
export const KEPT: Variables = { [CHOSEN_BY_VARIABLE]: BY_USE };

/** What a deployment adds where it is told to choose otherwise: no deployment before it has had the same. */
export const overruled = (version: string): Variables => ({
  [CHOSEN_BY_VARIABLE]: `deployment, after version ${version}`,
});

/** Whether a user has chosen the model, and no deployment since. */
export const isChosenByUser = (variables: Variables): boolean =>
  variables[CHOSEN_BY_VARIABLE]?.startsWith(BY_USE) ?? false;

/** The description of a version that `npm run model -- use` publishes. */
export const describeChoice = (model: string, afterVersion: string): string =>
  `model ${model} after version ${afterVersion}`;

/** The version that was live before one was published for its model; undefined where a deployment published it. */
export const versionBefore = (description = ''): string | undefined =>
  /^model \S+ after version (\d+)$/.exec(description)?.[1];
