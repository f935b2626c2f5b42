import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { parseForwardTarget } from '../../../streams/forward/target.ts';
import type { Section } from '../../report/section.ts';
import type { MeasuredModel } from '../measured.ts';
import { planFor } from '../plan.ts';
import type { Parameters } from '../stage-parameters.ts';
import { forwardSection } from './forward.ts';
import { httpMonth, httpSection } from './http.ts';
import { jobsMonth, jobsSection } from './jobs.ts';
import { type Architecture, MONTH_SECONDS } from './lambda-time.ts';
import { modelPlaces, modelsSection } from './models.ts';
import { objectsMonth, objectsSection } from './objects.ts';
import { relabelRun, relabelSection } from './relabel.ts';
import { streamSection } from './stream.ts';

/** What a stage should do; whatever is absent is not asked for. */
export interface Wanted {
  readonly recordsPerSecond?: number;
  /** Of the function that reads the stream, in MB. */
  readonly memory?: number;
  /** Over HTTP, a month, and texts of each. */
  readonly requests?: number;
  readonly texts: number;
  /** Lines of files in S3, a month, and the files that they are in. */
  readonly lines?: number;
  readonly objects: number;
  /** Lines that jobs classify, a month. */
  readonly jobLines?: number;
  /** Items to label once. */
  readonly relabelItems?: number;
  /** Of an item of the table; the text and as much as else an item has, unless given. */
  readonly itemBytes?: number;
  readonly forward?: boolean;
  readonly models?: boolean;
}

export interface DoorsRequest {
  readonly wanted: Wanted;
  readonly parameters: Parameters;
  readonly model: string;
  readonly measured: MeasuredModel;
  readonly textLength: number;
  readonly labelStore: LabelStoreName;
}

export interface Door {
  readonly section: Section;
  /** The numbers of the section, by names of values. */
  readonly values: object;
}

/** Of a door that is on, where it is not said how much comes in. */
const UNIT = 1_000_000;

/** Bytes of an item besides its text. */
const ITEM_BYTES = 350;

/** The doors that are asked for, or that the parameters turn on. */
export const doorsOf = (request: DoorsRequest): readonly Door[] =>
  [stream, http, objects, jobs, relabel, forward, models].flatMap((door) => door(request) ?? []);

type Opened = (request: DoorsRequest) => Door | undefined;

const architectureOf = (written: string | undefined): Architecture =>
  written === 'x86_64' ? 'x86_64' : 'arm64';

const stream: Opened = ({ wanted, model, measured, textLength, labelStore }) => {
  const { recordsPerSecond, memory } = wanted;
  if (recordsPerSecond === undefined) return undefined;
  const plan = planFor({ recordsPerSecond, measured, textLength, labelStore, memory });
  return { section: streamSection(model, recordsPerSecond, plan), values: plan };
};

const http: Opened = ({ wanted, parameters, measured, textLength }) => {
  if (wanted.requests === undefined && parameters.http === 'none') return undefined;
  const request = {
    ...{ requests: wanted.requests ?? UNIT, texts: wanted.texts, measured, textLength, parameters },
    memory: Number(parameters.httpMemory),
    architecture: architectureOf(parameters.architecture),
  };
  const [api, url] = [httpMonth(request, 'api'), httpMonth(request, 'url')];
  return { section: httpSection(request), values: { http: { api, url } } };
};

const objects: Opened = ({ wanted, parameters, measured, textLength }) => {
  if (wanted.lines === undefined && parameters.objects === 'none') return undefined;
  const request = {
    ...{ lines: wanted.lines ?? UNIT, objects: wanted.objects, measured, textLength },
    memory: Number(parameters.objectsMemory),
    shardMB: Number(parameters.objectsShardMB),
    architecture: architectureOf(parameters.architecture),
  };
  return { section: objectsSection(request), values: { objects: objectsMonth(request) } };
};

const jobs: Opened = ({ wanted, parameters, measured, textLength }) => {
  if (wanted.jobLines === undefined && parameters.batch === 'none') return undefined;
  const request = {
    ...{ lines: wanted.jobLines ?? wanted.lines ?? UNIT, objects: wanted.objects, measured, textLength },
    architecture: architectureOf(parameters.batchArchitecture || parameters.architecture),
    vcpus: Number(parameters.batchVcpu),
    memory: Number(parameters.batchMemory),
    jobMB: Number(parameters.batchJobMB),
  };
  return { section: jobsSection(request), values: { jobs: jobsMonth(request) } };
};

const relabel: Opened = ({ wanted, parameters, measured, textLength, labelStore }) => {
  if (wanted.relabelItems === undefined) return undefined;
  const request = {
    ...{ items: wanted.relabelItems, itemBytes: wanted.itemBytes ?? textLength + ITEM_BYTES },
    ...{ labelStore, measured, textLength, isCaptured: parameters.fanOut === 'native' },
  };
  const values = { scan: relabelRun(request, 'scan'), export: relabelRun(request, 'export') };
  return { section: relabelSection(request), values: { relabel: values } };
};

const forward: Opened = ({ wanted, parameters }) => {
  const kind = parseForwardTarget(parameters.forwardTo)?.kind;
  if (!wanted.forward && kind === undefined) return undefined;
  const { recordsPerSecond } = wanted;
  const events = recordsPerSecond && recordsPerSecond * MONTH_SECONDS;
  return { section: forwardSection(events, kind), values: {} };
};

const models: Opened = ({ wanted, parameters, model, measured: { files } }) => {
  const place = parameters.package === 'image' ? 'image' : parameters.models;
  if (files === undefined || (!wanted.models && place === 'layer')) return undefined;
  const request = { files, refreshSeconds: Number(parameters.modelsRefreshSeconds) };
  return { section: modelsSection(model, request, place), values: { models: modelPlaces(request) } };
};
