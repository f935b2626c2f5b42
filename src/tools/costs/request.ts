import type { LabelStoreName } from '../../stores/label-stores.ts';
import type { MeasuredModel } from './measured.ts';

export interface PlanRequest {
  /** Items that are put or change their text, a second, at the busiest. */
  readonly recordsPerSecond: number;
  readonly measured: MeasuredModel;
  /** Characters of a text, on average. */
  readonly textLength: number;
  readonly labelStore: LabelStoreName;
  /** MB; without it as much as buys a vCPU, or as the model needs. */
  readonly memory?: number | undefined;
}

export type StreamMode = 'ON_DEMAND' | 'PROVISIONED';
