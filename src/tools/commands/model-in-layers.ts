/** `npm run model` for models in layers of a stage. */
import { megabytes } from '../build/layer-size.ts';
import { reportJson } from '../report/json.ts';
import { figuresText } from '../report/terminal.ts';
import { verifyStage } from '../stage/models/check-examples.ts';
import { mismatchText } from '../stage/models/examples.ts';
import { listModels, modelsSection } from '../stage/models/list.ts';
import { publishModel } from '../stage/models/publish.ts';
import { type BackAt, rollBack } from '../stage/models/rollback.ts';
import type { StageModels } from '../stage/models/stage-models.ts';
import { type UsedBy, useModel } from '../stage/models/use.ts';
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
  const { kind, share, others, ...main } = await useModel(stage, id, options);
  const { version, before } = main;
  for (const one of others) console.log(`${one.functionName}: ${inUse(id, one)}`);
  if (kind === 'unchanged') console.log(`version ${version} has ${id} and is in use already`);
  else if (kind === 'all') console.log(inUse(id, main));
  else {
    console.log(`version ${version} with ${id} gets ${percent(share)}, version ${before} the rest`);
    log('The other functions of the stage get it when that is complete.');
    log(`Complete it: npm run model -- use ${id} --stage ${stage.name}`);
    log(`End it: npm run model -- rollback --stage ${stage.name}`);
  }
  for (const { functionName, pruned } of [...others, main])
    if (pruned.length > 0)
      console.log(`deleted versions ${pruned.join(', ')} of ${functionName}, which no rollback needs`);
  if (others.length > 0) log('Jobs on AWS Batch take theirs from the deployment and the image.');
  return STATUS.fine;
};

const inUse = (id: string, { version, before }: UsedBy): string =>
  version === before
    ? `version ${version} has ${id} and is in use already`
    : `version ${version} with ${id} is in use, after version ${before}`;

export const rollBackStage = async (stage: StageModels): Promise<number> => {
  const { kind, others, stay, ...main } = await rollBack(stage);
  for (const one of others) console.log(`${one.functionName}: ${again(one)}`);
  for (const { functionName, version, model } of stay)
    console.log(
      `${functionName}: version ${version} with ${model} stays in use: none before has ${main.model}`,
    );
  const { version, model, left, leftModel } = main;
  if (kind === 'back') console.log(again(main));
  else
    console.log(
      `the canary, version ${left} with ${leftModel}, was ended: version ${version} with ${model} is in use alone`,
    );
  return STATUS.fine;
};

const again = ({ version, model, left, leftModel }: BackAt): string =>
  `version ${version} with ${model} is in use again, after version ${left} with ${leftModel}`;

/** Also of models elsewhere: the deployed function is asked. */
export const verify = async (stage: StageModels): Promise<number> => {
  let wrong = 0;
  for (const { functionName, id, version: number, share, ...verified } of await verifyStage(stage)) {
    const { examples, mismatches, ms } = verified;
    wrong += mismatches.length;
    const of = functionName === stage.names.functionName ? '' : `${functionName}: `;
    const version = `${of}version ${number}`;
    const part = share === 1 ? '' : `, ${percent(share)}`;
    if (mismatches.length > 0) {
      console.log(`${version}${part}: ${mismatchText(id, examples, mismatches)}`);
    } else {
      console.log(
        `${version}${part}: ${id}: ${examples.length} examples as expected, in ${Math.round(ms)} ms`,
      );
    }
  }
  return wrong === 0 ? STATUS.fine : STATUS.broken;
};
