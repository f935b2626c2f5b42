import type { Framework } from '../framework.ts';
import { type Chosen, choose, CHOOSING, type StageParameters } from './choose.ts';
import { parameterFaults, unknownParameters } from './faults.ts';

/** The part of the Serverless Framework's interface that is used here. */
interface Serverless extends Framework {
  readonly configurationInput: { readonly params?: { readonly default?: object } };
  readonly service: {
    readonly custom: {
      readonly labelstream: { readonly chosen: Chosen; readonly parameters: StageParameters };
    };
    readonly resources: { readonly Resources: Record<string, unknown> };
    readonly layers: Record<string, unknown>;
  };
}

interface VariableRequest {
  readonly address: string | null;
  readonly resolveVariable: (variable: string) => Promise<unknown>;
}

/** Parameters may be numbers in `serverless.yml` and are text on the command line. */
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';

const NOTHING_CHOSEN = {
  existingTable: '',
  existingStream: '',
  vpcSubnetIds: '',
  vpcSecurityGroupIds: '',
  tags: '',
  forwardTo: '',
  http: 'none',
  objects: 'none',
  batch: 'none',
  models: 'layer',
} as const;

/**
 * Gives `serverless.yml` the values that follow from its parameters, as `${stageParameters:chosen}`: an existing table
 * instead of ours, a VPC, tags. Before any command runs it reports all missing or invalid parameters together.
 */
export default class StageParametersPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;

  readonly configurationVariablesSources = {
    stageParameters: {
      resolve: async ({ address, resolveVariable }: VariableRequest) => {
        const values = await Promise.all(CHOOSING.map((name) => resolveVariable(`param:${name}`)));
        const parameters = Object.fromEntries(
          CHOOSING.map((name, index) => [name, text(values[index])]),
        ) as StageParameters;
        if (address === 'parameters') return { value: parameters };
        const service = text(await resolveVariable('self:service'));
        const stage = text(await resolveVariable('sls:stage'));
        // The framework's own validation comes before `initialize`, and would report invalid values less clearly.
        const usable =
          parameterFaults(parameters).length === 0 ? parameters : { ...parameters, ...NOTHING_CHOSEN };
        return { value: choose(usable, { service, stage }) };
      },
    },
  };

  constructor(serverless: Serverless, { param }: { readonly param?: readonly string[] | null }) {
    this.hooks = {
      initialize: async () => {
        const { chosen, parameters } = serverless.service.custom.labelstream;
        const known = Object.keys(serverless.configurationInput.params?.default ?? {});
        const given = (param ?? []).map((pair) => pair.split('=')[0] ?? '');
        const faults = [...unknownParameters(given, known), ...parameterFaults(parameters)];
        if (faults.length > 0) throw new serverless.classes.Error(faults.join('\n'), 'LABELSTREAM_PARAMETER');
        for (const name of chosen.without) delete serverless.service.resources.Resources[name];
        if (chosen.models.source !== 'layer') delete serverless.service.layers.models;
      },
    };
  }
}
