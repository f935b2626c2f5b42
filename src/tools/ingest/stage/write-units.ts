import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/**
 * Write units that a table took since a time, by all that wrote to it; undefined where CloudWatch has none yet, which
 * takes it some minutes.
 *
 * @param from ms since 1970
 * @throws the error of AWS where the metric cannot be read
 */
export const readWriteUnits = async (
  cloudwatch: CloudWatchClient,
  table: string,
  from: number,
): Promise<number | undefined> => {
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(from - (from % 60_000)),
      EndTime: new Date(),
      MetricDataQueries: [
        {
          Id: 'units',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/DynamoDB',
              MetricName: 'ConsumedWriteCapacityUnits',
              Dimensions: [{ Name: 'TableName', Value: table }],
            },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
    }),
  );
  const values = MetricDataResults[0]?.Values ?? [];
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
};
