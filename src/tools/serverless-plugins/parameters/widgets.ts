/** The parts of a stage that add a widget to a dashboard. */
export interface WatchedParts {
  readonly forwards: boolean;
  readonly fansOut: boolean;
  readonly hasJobs: boolean;
}

/** What is added to the widgets of the dashboards, as JSON: empty, or from a comma on. */
export interface ChosenWidgets {
  readonly main: string;
  readonly objects: string;
}

type Metric = readonly unknown[];

/** Half a row of a dashboard, of sums by the minute. */
const widget = (
  title: string,
  at: { readonly x: number; readonly y: number },
  metrics: readonly Metric[],
) => ({
  ...{ type: 'metric', ...at, width: 12, height: 6 },
  properties: { title, region: '${AWS::Region}', stat: 'Sum', period: 60, metrics },
});

/** @param name `service-stage` */
export const chooseWidgets = ({ forwards, fansOut, hasJobs }: WatchedParts, name: string): ChosenWidgets => {
  const forwarded = widget('Labels forwarded', { x: 0, y: 24 }, [
    ['labelstream', 'Forwarded', 'service', name],
    ['.', 'ForwardFailed', '.', '.'],
  ]);
  const fannedOut = widget("Changes of the table's stream by outcome", { x: 0, y: 36 }, [
    ['labelstream', 'ChangesForwarded', 'service', name],
    ['.', 'ChangesSkipped', '.', '.'],
    ['.', 'ChangesRejected', '.', '.'],
    ['.', 'ChangesFailed', '.', '.'],
  ]);
  const jobs = widget('Jobs that have ended', { x: 0, y: 18 }, [
    ['AWS/Events', 'Invocations', 'RuleName', '${BatchSucceededRule}', { label: 'succeeded' }],
    ['.', '.', '.', '${BatchFailedRule}', { label: 'failed' }],
  ]);
  return {
    main: added([...(forwards ? [forwarded] : []), ...(fansOut ? [fannedOut] : [])]),
    objects: added(hasJobs ? [jobs] : []),
  };
};

const added = (widgets: readonly object[]): string =>
  widgets.map((one) => `, ${JSON.stringify(one)}`).join('');
