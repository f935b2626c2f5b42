import type { LabelStoreName } from '../../../stores/label-stores.ts';
import { type Section, tableSection } from '../../report/section.ts';
import { MEASURED, type MeasuredModel } from '../measured.ts';
import { PRICES } from '../prices.ts';
import { relabelCost } from '../relabel-cost.ts';
import { textSeconds } from './lambda-time.ts';
import { whole } from './words.ts';

export interface RelabelRequest {
  /** Of the table; every one of them gets a label. */
  readonly items: number;
  /** Of an item, on average. */
  readonly itemBytes: number;
  readonly labelStore: LabelStoreName;
  readonly measured: MeasuredModel;
  readonly textLength: number;
  /** Whether DynamoDB captures the table's changes for the stream. */
  readonly isCaptured: boolean;
}

/** Of one run; US dollars. */
export interface RelabelRun {
  readonly reads: number;
  readonly writes: number;
  readonly changeCapture: number;
  /** As vCPUs of Fargate on demand, arm64. */
  readonly compute: number;
  readonly total: number;
}

/** An eventually consistent scan reads so many bytes with a unit. */
const BYTES_PER_READ = 8_192;
const BYTES_PER_WRITE = 1_024;
/** Of a label's attributes on an item. */
const LABEL_BYTES = 200;
/** GB of memory beside each vCPU. */
const GB_PER_VCPU = 2;

/** Units and vCPU-hours of one run. */
export const relabelUnits = (request: RelabelRequest) => {
  const { items, itemBytes, labelStore, measured, textLength } = request;
  const isOnItems = labelStore !== 'labels-table';
  return {
    readUnits: Math.ceil((items * itemBytes) / BYTES_PER_READ),
    writeUnits: items * (isOnItems ? Math.ceil((itemBytes + LABEL_BYTES) / BYTES_PER_WRITE) : 1),
    written: isOnItems && request.isCaptured ? items : 0,
    vcpuHours: (items * (textSeconds(measured, textLength) + MEASURED.storeMs[labelStore] / 1000)) / 3_600,
  };
};

/** What relabelling all items costs where they are read by a scan or from an export. */
export const relabelRun = (request: RelabelRequest, by: 'scan' | 'export'): RelabelRun => {
  const { readUnits, writeUnits, written, vcpuHours } = relabelUnits(request);
  const { vcpu, gb } = PRICES.fargate.hour.arm64;
  const gigabytes = (request.items * request.itemBytes) / 1e9;
  const cost = relabelCost({ read: by === 'scan' ? readUnits : 0, write: writeUnits }, written);
  const reads = by === 'scan' ? cost.reads : gigabytes * PRICES.dynamodb.exportGB;
  const compute = vcpuHours * (vcpu + GB_PER_VCPU * gb);
  const { writes, changeCapture } = cost;
  return { reads, writes, changeCapture, compute, total: reads + writes + changeCapture + compute };
};

const ROWS: readonly (readonly [key: keyof RelabelRun, name: string])[] = [
  ['reads', 'reading the table'],
  ['writes', 'write units'],
  ['changeCapture', 'change capture'],
  ['compute', 'computing, as Fargate on demand'],
  ['total', 'together'],
];

/** A scan and an export side by side, US dollars. */
export const relabelSection = (request: RelabelRequest): Section => {
  const { items, itemBytes } = request;
  const { readUnits, writeUnits, vcpuHours } = relabelUnits(request);
  const [scan, exported] = (['scan', 'export'] as const).map((by) => relabelRun(request, by));
  const gigabytes = (items * itemBytes) / 1e9;
  return {
    ...tableSection(
      'relabel',
      `Relabelling a table: ${whole(items)} items of ${whole(itemBytes)} bytes`,
      [
        { key: 'part', head: '$, once' },
        { key: 'scan', head: 'scan', digits: 2 },
        { key: 'export', head: 'export', digits: 2 },
      ],
      ROWS.map(([key, part]) => ({ part, scan: scan?.[key] ?? null, export: exported?.[key] ?? null })),
    ),
    notes: [
      `${whole(readUnits)} read units by a scan, ${whole(writeUnits)} write units, ${whole(vcpuHours)} vCPU-hours`,
      `An export needs point-in-time recovery, $${(gigabytes * PRICES.dynamodb.recoveryGB).toFixed(2)} a month where it is not on.`,
      'Labels that go through the stream are not in it.',
    ],
  };
};
