/** `npm run model` for models in layers of a stage. */
import { megabytes } from '../build/layer-size.ts';
import { reportJson } from '../report/json.ts';
import { figuresText } from '../report/terminal.ts';
import { verifyStage } from '../stage/models/check-examples.ts';
import { mismatchText } from '../stage/models/examples.ts';
import { readVersion } from '../stage/live.ts';
import { listModels, modelsSection } from '../stage/models/list.ts';
import { publishModel } from '../stage/models/publish.ts';
import { rollBack } from '../stage/models/rollback.ts';
import type { StageModels } from '../stage/models/stage-models.ts';
import { useModel } from '../stage/models/use.ts';
import { STATUS } from './run.ts';

/** Results go to standard output, all other messages to standard error. */
const log = (line: string): void => console.error(line);
const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const listLayers = async (stage: StageModels, json: boolean): Promise<number> => {
  const section = modelsSection(await listModels(stage));
  console.log(json ? reportJson([section]) : figuresText(section));
  return STATUS.fine;
};

export const publishLayer = async (stage: StageModels, id: string): Promise<number> => {
  const { version, isNew, ids, bytes, examples, pruned } = await publishModel(stage, id);
  console.log(`${id}: ${examples} examples as expected here`);
  const layer = `version ${version} of the layer ${stage.names.layerName}`;
  console.log(`${isNew ? `published ${layer}, ${megabytes(bytes)}` : `${layer} has it already`}`);
  console.log(`it holds ${ids.join(', ')}`);
  if (pruned.length > 0) console.log(`deleted its versions ${pruned.join(', ')}, which nothing uses`);
  log(`Nothing uses it yet: npm run model -- use ${id} --stage ${stage.name} [--canary 10]`);
  return STATUS.fine;
};

export const useOfLayer = async (
  stage: StageModels,
  id: string,
  { canary, verify }: { readonly canary?: number; readonly verify: boolean },
): Promise<number> => {
  const options = { verify, ...(canary !== undefined && { canary: canary / 100 }) };
  const { kind, version, before, share, pruned } = await useModel(stage, id, options);
  if (kind === 'unchanged') console.log(`version ${version} has ${id} and is in use already`);
  else if (kind === 'all') console.log(`version ${version} with ${id} is in use, after version ${before}`);
  else {
    console.log(`version ${version} with ${id} gets ${percent(share)}, version ${before} the rest`);
    log(`Complete it: npm run model -- use ${id} --stage ${stage.name}`);
    log(`End it: npm run model -- rollback --stage ${stage.name}`);
  }
  if (pruned.length > 0) console.log(`deleted versions ${pruned.join(', ')}, which no rollback needs`);
  // Who may not look at that function has nothing to deploy.
  const predict = await readVersion(stage.lambda, stage.names.predictName).catch(() => undefined);
  if (kind !== 'canary' && predict !== undefined && predict.model !== id)
    log(`Requests over HTTP get it with the next deployment: npx serverless deploy --stage ${stage.name}`);
  return STATUS.fine;
};

export const rollBackStage = async (stage: StageModels): Promise<number> => {
  const { kind, version, model, left, leftModel } = await rollBack(stage);
  const end = kind === 'canary-ended' ? `the canary, version ${left} with ${leftModel}, was ended: ` : '';
  const back = kind === 'back' ? ` again, after version ${left} with ${leftModel}` : ' alone';
  console.log(`${end}version ${version} with ${model} is in use${back}`);
  return STATUS.fine;
};

/** Also of models elsewhere: the deployed function is asked. */
export const verify = async (stage: StageModels): Promise<number> => {
  let wrong = 0;
  for (const { id, version, share, examples, mismatches, ms } of await verifyStage(stage)) {
    wrong += mismatches.length;
    const part = share === 1 ? '' : `, ${percent(share)}`;
    if (mismatches.length > 0) {
      console.log(`version ${version}${part}: ${mismatchText(id, examples, mismatches)}`);
    } else {
      console.log(
        `version ${version}${part}: ${id}: ${examples.length} examples as expected, in ${Math.round(ms)} ms`,
      );
    }
  }
  return wrong === 0 ? STATUS.fine : STATUS.broken;
};
