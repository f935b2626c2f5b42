import type { DeployedStream } from './deployed-stream.ts';
import type { Traffic } from './traffic.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';

/** US dollars a month for the existence of a stream, independent of its traffic. */
export const streamMonth = ({ mode, shards }: Pick<DeployedStream, 'mode' | 'shards'>): number => {
  const { shardHour, streamHour } = PRICES.kinesis;
  return HOURS_PER_MONTH * (mode === 'PROVISIONED' ? shards * shardHour : streamHour);
};

/** US dollars a second for the traffic of a stream: into it, and once out of it. */
export const throughputCost = (
  mode: DeployedStream['mode'],
  { putsPerSecond, kbPerSecond }: Pick<Traffic, 'putsPerSecond' | 'kbPerSecond'>,
): number => {
  const { put, gbIn, gbOut } = PRICES.kinesis;
  return mode === 'PROVISIONED' ? putsPerSecond * put : (kbPerSecond / 1024 ** 2) * (gbIn + gbOut);
};
