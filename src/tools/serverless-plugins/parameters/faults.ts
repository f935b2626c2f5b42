import { LABEL_STORES } from '../../../stores/label-stores.ts';
import type { StageParameters } from './choose.ts';
import { forwardFaults } from './forward.ts';
import { httpFaults } from './http-faults.ts';
import { modelsFaults } from './models-faults.ts';
import { parseNames, parsePairs } from './lists.ts';
import { batchFaults } from './batch-faults.ts';
import { objectsFaults } from './objects-faults.ts';
import { packageFaults } from './package-faults.ts';

const CHOICES = {
  fanOut: ['native', 'function'],
  streamMode: ['ON_DEMAND', 'PROVISIONED'],
  labelStore: LABEL_STORES,
  tableRemoval: ['Delete', 'Retain'],
} as const;

const KINESIS_STREAM = /^arn:[\w-]+:kinesis:[\w-]+:\d{12}:stream\/[\w.-]+$/;
const TABLE_STREAM = /^arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table\/([\w.-]+)\/stream\/[\w:.-]+$/;

/** The faults of all invalid parameters: the name, what is wrong and what to do. */
export const parameterFaults = (parameters: StageParameters): readonly string[] => [
  ...choiceFaults(parameters),
  ...tableFaults(parameters),
  ...vpcFaults(parameters),
  ...tagFaults(parameters.tags),
  ...forwardFaults(parameters),
  ...httpFaults(parameters),
  ...objectsFaults(parameters),
  ...batchFaults(parameters),
  ...packageFaults(parameters),
  ...modelsFaults(parameters),
];

/** @param given names of parameters on the command line @param known all that `serverless.yml` has */
export const unknownParameters = (given: readonly string[], known: readonly string[]): readonly string[] =>
  given
    .filter((name) => !known.includes(name))
    .map((name) => `Parameter ${name} is unknown: use one of ${known.toSorted().join(', ')}.`);

const choiceFaults = (parameters: StageParameters): string[] => {
  const faults = Object.entries(CHOICES).flatMap(([name, allowed]) => {
    const value = parameters[name as keyof typeof CHOICES];
    return (allowed as readonly string[]).includes(value)
      ? []
      : [`Parameter ${name} is "${value}": use ${allowed.join(' or ')}.`];
  });
  if (!/^[1-9]\d{0,4}$/.test(parameters.shards)) {
    faults.push(`Parameter shards is "${parameters.shards}": give a whole number from 1 on.`);
  }
  if (!/^\d+(\.\d+)?$/.test(parameters.alarmDrift)) {
    faults.push(`Parameter alarmDrift is "${parameters.alarmDrift}": give a number, or 0 for no alarm.`);
  }
  return faults;
};

const tableFaults = ({ existingTable, existingStream, keyAttributes, fanOut }: StageParameters): string[] => {
  if (existingTable === '') {
    return [
      ...(existingStream === ''
        ? []
        : ['Parameter existingStream needs existingTable, the name of its table.']),
      ...(keyAttributes === 'id'
        ? []
        : ['Parameter keyAttributes is for a table that exists (existingTable): the key of ours is id.']),
    ];
  }
  const faults: string[] = [];
  if (!/^[\w.-]{3,255}$/.test(existingTable)) {
    faults.push(`Parameter existingTable is "${existingTable}": give the table's name, not its ARN.`);
  }
  if (parseNames(keyAttributes).length === 0 || parseNames(keyAttributes).length > 2) {
    faults.push(
      'Parameter keyAttributes should name the key of the table: one attribute, or two with a comma.',
    );
  }
  return [...faults, ...streamFaults({ existingTable, existingStream, fanOut })];
};

const streamFaults = ({
  existingTable,
  existingStream,
  fanOut,
}: Pick<StageParameters, 'existingTable' | 'existingStream' | 'fanOut'>): string[] => {
  const isNative = fanOut !== 'function';
  const wanted = isNative
    ? 'the ARN of the Kinesis stream that the table sends its changes to (fanOut native)'
    : "the ARN of the table's own stream (fanOut function)";
  if (existingStream === '') return [`Parameter existingTable needs existingStream: give ${wanted}.`];
  const isRight = isNative
    ? KINESIS_STREAM.test(existingStream)
    : TABLE_STREAM.exec(existingStream)?.[1] === existingTable;
  return isRight ? [] : [`Parameter existingStream is "${existingStream}": give ${wanted}.`];
};

const vpcFaults = ({ vpcSubnetIds, vpcSecurityGroupIds }: StageParameters): string[] => {
  const lists = [
    { name: 'vpcSubnetIds', ids: parseNames(vpcSubnetIds), pattern: /^subnet-[0-9a-f]+$/, most: 16 },
    { name: 'vpcSecurityGroupIds', ids: parseNames(vpcSecurityGroupIds), pattern: /^sg-[0-9a-f]+$/, most: 5 },
  ];
  if (lists.every(({ ids }) => ids.length === 0)) return [];
  return lists.flatMap(({ name, ids, pattern, most }) => {
    if (ids.length === 0)
      return [`Parameter ${name} is missing: a VPC takes vpcSubnetIds and vpcSecurityGroupIds.`];
    if (ids.length > most) return [`Parameter ${name} has ${ids.length} ids: Lambda takes ${most}.`];
    return ids
      .filter((id) => !pattern.test(id))
      .map(
        (id) => `Parameter ${name} has "${id}": give ids like ${pattern.source.slice(1, 4)}…, with commas.`,
      );
  });
};

const tagFaults = (tags: string): string[] => {
  const pairs = parsePairs(tags);
  const names = pairs.map(([name]) => name);
  const faults = pairs.flatMap(([name, value]) => {
    if (value === undefined || name === '')
      return [`Parameter tags has "${name}": give name=value, with commas.`];
    if (['service', 'stage'].includes(name.toLowerCase())) return [`Parameter tags: ${name} is set already.`];
    if (/^aws:/i.test(name)) return [`Parameter tags: ${name} begins with aws:, which is AWS's own.`];
    if (name.length > 128 || value.length > 256)
      return [`Parameter tags: ${name} is over 128 or its value over 256.`];
    return [];
  });
  if (new Set(names).size < names.length) faults.push('Parameter tags names a tag twice.');
  // AWS accepts 50; service, stage and STAGE are ours, CloudFormation adds its own to them.
  if (names.length > 47) faults.push(`Parameter tags has ${names.length} tags: AWS takes 47 besides ours.`);
  return faults;
};
