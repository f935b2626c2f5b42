/** `npm run model` for models in S3: of a stage, or wherever `--models` says. */
import { modelRegistry } from '../../models/catalogue/registry.ts';
import { provingLoader } from '../../models/catalogue/prove.ts';
import { loadModel } from '../../models/formats/formats.ts';
import { openBuildFolder } from '../build/build-folder.ts';
import { megabytes } from '../build/layer-size.ts';
import { reportJson } from '../report/json.ts';
import { figuresText } from '../report/terminal.ts';
import { checkedId, localModels, untouched } from '../stage/models/local-models.ts';
import { s3Section, versionsInS3 } from '../stage/models/s3/list.ts';
import type { ModelsInS3 } from '../stage/models/s3/models-in-s3.ts';
import { pruneInS3 } from '../stage/models/s3/prune.ts';
import { publishToS3 } from '../stage/models/s3/publish.ts';
import { rollBackInS3, useInS3 } from '../stage/models/s3/use.ts';
import { UserError } from '../user-error.ts';
import { ROOT } from './root.ts';
import { STATUS } from './run.ts';

/** Models in S3, and how a person names the place in a command. */
export interface PlaceInS3 {
  readonly models: ModelsInS3;
  /** `--stage prod`, `--models s3://…` */
  readonly option: string;
}

const log = (line: string): void => console.error(line);

export const listInS3 = async ({ models }: PlaceInS3, json: boolean): Promise<number> => {
  const section = s3Section(await versionsInS3(models), [...(await localModels(ROOT)).keys()]);
  console.log(json ? reportJson([section]) : figuresText(section));
  return STATUS.fine;
};

export const publishInS3 = async ({ models, option }: PlaceInS3, id: string): Promise<number> => {
  const local = await untouched(() => localModels(ROOT));
  const model = local.get(checkedId(id));
  if (model === undefined) {
    throw new UserError(
      `Model ${id} not found in models/; available: ${[...local.keys()].join(', ')}. Nothing was changed.`,
    );
  }
  await untouched(async () => {
    const { load } = provingLoader(loadModel());
    await modelRegistry([...local.values()], { defaultModels: [id], load }).load(id);
  });
  const { isNew, bytes, files, examples } = await publishToS3(models, model, await openBuildFolder(ROOT));
  console.log(`${id}: ${examples} examples as expected here`);
  const place = `${models.url}${model.manifest.name}/${model.manifest.version}/`;
  console.log(isNew ? `published ${place}, ${files} files, ${megabytes(bytes)}` : `${place} has it already`);
  log(`Records and requests can name it. To use it for all others: npm run model -- use ${id} ${option}`);
  return STATUS.fine;
};

export const useOfS3 = async (
  { models }: PlaceInS3,
  id: string,
  { canary, verify }: { readonly canary?: number; readonly verify: boolean },
): Promise<number> => {
  if (canary !== undefined) {
    throw new UserError(
      'With models in S3 there is no canary. Nothing was changed: have some records or requests name the version ' +
        `(${id}) to try it.`,
    );
  }
  const scratch = await openBuildFolder(ROOT);
  const { before, examples } = await useInS3(models, id, { scratch, verify });
  if (before === id) console.log(`${id} is in use already`);
  else {
    if (examples !== undefined) console.log(`${id}: ${examples} examples as expected, from S3`);
    console.log(`${id} is in use${before === undefined ? '' : `, after ${before}`}`);
    log('Functions take it up within modelsRefreshSeconds (60, unless changed), without a deployment.');
  }
  return STATUS.fine;
};

export const rollbackInS3 = async ({ models }: PlaceInS3, name: string): Promise<number> => {
  const { id, before } = await rollBackInS3(models, name);
  console.log(`${id} is in use again, after ${before}`);
  return STATUS.fine;
};

export const pruneOfS3 = async ({ models }: PlaceInS3, name: string, dryRun: boolean): Promise<number> => {
  const pruned = await pruneInS3(models, name, { dryRun });
  for (const { version, bytes } of pruned)
    console.log(`${dryRun ? 'would delete' : 'deleted'} ${name}@${version}, ${megabytes(bytes)}`);
  if (pruned.length === 0) console.log(`${name}: nothing to delete`);
  return STATUS.fine;
};

/** The name of the model that a stage's records get, for commands that name none. @param model its `MODEL` */
export const nameOfStage = (model: string): string => {
  const [first = ''] = model.split(',');
  return first.trim().split('@', 1)[0] ?? '';
};
