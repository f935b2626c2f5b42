import type { LabelStoreName } from '../../stores/label-stores.ts';

/** The traffic of the stream and the table at a number of records a second. */
export interface Traffic {
  /** Changes that labels make when they are written onto items: one for each, or none. */
  readonly echoesPerRecord: 0 | 1;
  /** Records that are put into the stream, a second, and bytes of the largest kind and of all a second. */
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  readonly bytesPerSecond: number;
  /** Billed KB of puts, a second: on-demand streams count each record in whole KB. */
  readonly kbPerSecond: number;
  /** Billed units of 25 KB of puts, a second, for provisioned streams. */
  readonly putsPerSecond: number;
  /** Change capture units of the table, a second. */
  readonly capturesPerSecond: number;
  /** Write units of one label. */
  readonly unitsPerLabel: number;
  /** Shards for the traffic, with a fifth in reserve. */
  readonly shards: number;
  /** Records a second, without labels that are written back, that a number of shards accepts. */
  capacity(shards: number): number;
}

export interface TrafficRequest {
  readonly recordsPerSecond: number;
  readonly textLength: number;
  readonly labelStore: LabelStoreName;
}

/** Bytes of a change record without its images, and of an image without its text. */
const RECORD_BYTES = 350;
const IMAGE_BYTES = 350;

/** The write limits of a shard, per second. */
const SHARD = { records: 1_000, bytes: 1_000_000 } as const;

const HEADROOM = 0.8;

/** The native fan-out: DynamoDB puts every change into the stream, including labels that are written back. */
export const trafficOf = ({ recordsPerSecond, textLength, labelStore }: TrafficRequest): Traffic => {
  const imageBytes = IMAGE_BYTES + textLength;
  const itemKB = Math.ceil(imageBytes / 1024);
  const echoesPerRecord = labelStore === 'labels-table' ? 0 : 1;
  // An insert has one image; the change of a label has two.
  const insertBytes = RECORD_BYTES + imageBytes;
  const modifyBytes = RECORD_BYTES + 2 * imageBytes;
  const each = (ofRecord: (bytes: number) => number): number =>
    recordsPerSecond * (ofRecord(insertBytes) + echoesPerRecord * ofRecord(modifyBytes));
  const records = each(() => 1);
  const bytes = each((size) => size);
  const perShard = Math.min(SHARD.records / records, SHARD.bytes / bytes) * recordsPerSecond;
  return {
    echoesPerRecord,
    recordsPerSecond: records,
    recordBytes: echoesPerRecord === 1 ? modifyBytes : insertBytes,
    bytesPerSecond: bytes,
    kbPerSecond: each((size) => Math.ceil(size / 1024)),
    putsPerSecond: each((size) => Math.ceil(size / 25_600)),
    capturesPerSecond: recordsPerSecond * (1 + echoesPerRecord) * itemKB,
    unitsPerLabel: labelStore === 'labels-table' ? 1 : itemKB,
    shards: Math.max(1, Math.ceil(recordsPerSecond / (perShard * HEADROOM))),
    capacity: (shards) => shards * perShard,
  };
};
