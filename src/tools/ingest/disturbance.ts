import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LocalClients } from '../emulators/aws/aws-clients.ts';
import type { Endpoints } from '../emulators/aws/emulators.ts';
import type { RunningInvocation } from '../emulators/lambda/function.ts';
import type { KeyedMessage } from './input/input.ts';
import type { ProducerOptions } from './producer.ts';

/** The result of a disturbed ingest, as far as the disturbance can measure it. */
export interface Inspection {
  /** Items that were deleted, but exist. */
  readonly resurrected: number;
  /** Items that should be there. */
  readonly survivors: number;
  /** Poison records that were put into the stream. */
  readonly poison: number;
  /** Poison records that are among the rejects. */
  readonly rejects: number;
  /** Rejects that are no poison. */
  readonly strays: number;
}

/** The usage of DynamoDB by a function, measured at DynamoDB. */
export interface Usage {
  /** Texts that were classified: each is followed by the attempt to write its label, which is counted once. */
  readonly inferences: number;
  /** Writes that reached DynamoDB and are paid for: labels, failed conditions and rejects. */
  readonly writes: number;
}

/** Intercepts the parts of an ingest. */
export interface Disturbance {
  /** @returns the endpoints for the function and its event source mapping */
  intercept(endpoints: Endpoints, rejectsTable: string): Promise<Endpoints>;
  produce(
    messages: AsyncIterable<KeyedMessage>,
    clients: LocalClients,
    options: ProducerOptions,
  ): Promise<number>;
  readonly onInvoke: (running: RunningInvocation) => void;
  /** Looks at the tables when the ingest is over. */
  inspect(dynamodb: DynamoDBClient, tables: InspectedTables): Promise<Inspection>;
  /** How many faults there were of each kind, environments that were killed among them. */
  faults(): Readonly<Record<string, number>>;
  usage(): Usage;
  stop(): Promise<void>;
}

export interface InspectedTables {
  readonly documents: string;
  readonly key: string;
  readonly rejects: string;
}
