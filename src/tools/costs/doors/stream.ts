import { type Fact, factsSection, type Section } from '../../report/section.ts';
import type { Plan } from '../plan.ts';
import { monthChart } from '../endpoint.ts';
import { HOURS_PER_MONTH, PRICES } from '../prices.ts';

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** Settings for the stream, as parameters of a deployment, and what they cost. */
export const streamSection = (model: string, wanted: number, { settings, month, ...plan }: Plan): Section => {
  const { streamMode, shards, ...others } = settings;
  const parameters = { model, ...others, streamMode, ...(streamMode === 'PROVISIONED' && { shards }) };
  const facts = factsSection('plan', `A plan for ${count(wanted)} records a second`, [
    ['records a second', `${count(wanted)} wanted, ${count(plan.capacity)} with these settings`],
    ...Object.entries(parameters).map(([name, value]) => [name, String(value)] as const),
    ...(streamMode === 'ON_DEMAND'
      ? [['open shards', `${shards}; an on-demand stream sees to them`] as const]
      : []),
    ['concurrency', `${count(plan.concurrency)} environments at most: reserve as many`],
    ['label writes', `${count(plan.writeUnits)} write units a second`],
    [
      `a month (${HOURS_PER_MONTH} h)`,
      `${dollars(month.total)} at ${PRICES.region}'s prices of ${PRICES.asOf}, if the rate never falls`,
    ],
    [
      'of it',
      [
        `Lambda ${dollars(month.lambda)}`,
        `label writes ${dollars(month.dynamodbWrites)}`,
        `change capture ${dollars(month.changeCapture)}`,
        `Kinesis ${dollars(month.kinesis)}`,
      ].join('\n'),
    ],
    ...(plan.quotas.length === 0 ? [] : [['quotas to raise', plan.quotas.join('\n')] satisfies Fact]),
    [
      'deploy',
      `npx serverless deploy \\\n${Object.entries(parameters)
        .map(([name, value]) => `  --param="${name}=${value}"`)
        .join(' \\\n')}`,
    ],
  ]);
  return {
    ...facts,
    charts: [
      monthChart({
        Lambda: month.lambda,
        'label writes': month.dynamodbWrites,
        'change capture': month.changeCapture,
        Kinesis: month.kinesis,
        'all of it': month.total,
      }),
    ],
  };
};
