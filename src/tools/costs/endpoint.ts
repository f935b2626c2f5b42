import type { BarChart } from '../report/section.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';

/** The smallest SageMaker endpoint that is always on, in US dollars a month. */
export const smallestEndpoint = (): { readonly instance: string; readonly perMonth: number } => {
  const [instance, hour] = Object.entries(PRICES.sagemaker.endpointHour).reduce((a, b) =>
    b[1] < a[1] ? b : a,
  );
  return { instance, perMonth: hour * HOURS_PER_MONTH };
};

/** What a month costs, beside that endpoint. @param parts names, and US dollars a month */
export const monthChart = (parts: Readonly<Record<string, number>>): BarChart => {
  const { instance, perMonth } = smallestEndpoint();
  return {
    kind: 'bars',
    title: 'A month, beside an endpoint that is always on',
    unit: 'US dollars',
    bars: Object.entries({ ...parts, [`an ${instance} endpoint`]: perMonth }).map(([name, value]) => ({
      name,
      value: Math.round(value * 100) / 100,
    })),
  };
};
