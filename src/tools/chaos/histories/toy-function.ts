import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type KinesisEvent, toStreamRecords } from '../../../pipeline/records/kinesis-event.ts';
import { labelBatch, type LabelBatchSettings } from '../../../pipeline/label-batch.ts';
import { firstUndone, type OutcomeKind } from '../../../pipeline/outcome.ts';
import { patientRejects } from '../../../stores/patient.ts';
import { rejectsTable } from '../../../stores/rejects-table.ts';
import type { InvokeOutcome } from '../../emulators/event-source/batch-response.ts';
import { plannedFaults } from '../faults.ts';
import type { Send } from './memory-dynamodb.ts';
import type { Scenario } from './scenario.ts';
import { openSession } from './session.ts';
import { toyBus, toyForwarding } from './toy-forwarding.ts';
import { toyModels } from './toy-models.ts';
import { PATIENCE, toyLabels, toySettings } from './toy-settings.ts';
import type { World } from './world.ts';

/** No scenario needs a tenth of them, unless labels that are written back cause further invocations. */
const MOST_INVOCATIONS = 2_000;

const asClient = (send: Send): DynamoDBClient => ({ send }) as unknown as DynamoDBClient;

/** The outcomes of an invocation's records, by its number. */
export interface Invocation {
  readonly sequenceNumbers: readonly string[];
  /** One outcome per record; none where the environment died. */
  readonly outcomes: readonly OutcomeKind[];
}

/** The function `classifyStream` in this process, with the toy model and the fates of a scenario. */
export const toyFunction = ({ store, fates, chunkSize, forwards }: Scenario, world: World) => {
  const models = toyModels();
  const bus = toyBus(plannedFaults(forwards ?? []));
  const settings: LabelBatchSettings = {
    ...toySettings(store, world),
    chunkSize,
    deadlineMarginMs: 100,
  };
  const invocations: Invocation[] = [];

  const run = async (event: KinesisEvent, requestId: string): Promise<InvokeOutcome> => {
    const batch = toStreamRecords(event);
    const fate = fates[invocations.length] ?? { kind: 'fine' };
    const sequenceNumbers = batch.map(({ sequenceNumber }) => sequenceNumber);
    const invocation = { sequenceNumbers, outcomes: [] as OutcomeKind[] };
    invocations.push(invocation);
    const died: InvokeOutcome = {
      requestId,
      payload: undefined,
      functionError: { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error' },
    };
    if (fate.kind === 'crash') return died;
    const session = openSession(fate);
    const client = asClient(session.fated(world.send));
    const forwarding = forwards === undefined ? undefined : toyForwarding(session.fated(bus.send));
    const parts = {
      ...{ models, forwarding },
      labels: toyLabels(store, client, world.tables),
      rejects: patientRejects(rejectsTable(client, { table: world.tables.rejects }), PATIENCE),
      settings,
    };
    const answer = await Promise.race([labelBatch(batch, parts, session.deadline), session.death]);
    // An environment that should have been killed later is killed before it can answer.
    if (answer === 'dead' || fate.kind === 'killed') return died;
    const { outcomes } = answer;
    invocation.outcomes.push(...outcomes.map(({ kind }) => kind));
    const undone = sequenceNumbers[firstUndone(outcomes)];
    const batchItemFailures = undone === undefined ? [] : [{ itemIdentifier: undone }];
    return { requestId, payload: { batchItemFailures } };
  };

  return {
    invocations: (): readonly Invocation[] => invocations,
    /** The events that were forwarded, as often as they were; waits for those that are late. */
    events: bus.events,
    invoke: async (event: unknown): Promise<InvokeOutcome> => {
      // A function that only fails must not stop the clock.
      await nextTurn();
      if (invocations.length === MOST_INVOCATIONS)
        throw new Error(`no end after ${MOST_INVOCATIONS} invocations`);
      return run(event as KinesisEvent, String(invocations.length));
    },
  };
};
