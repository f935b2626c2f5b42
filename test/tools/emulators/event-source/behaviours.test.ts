import { type LocalClients, localClients } from '../../../../src/tools/emulators/aws/aws-clients.ts';
import { type Emulators, startEmulators } from '../../../../src/tools/emulators/aws/emulators.ts';
import { batches } from './batches.ts';
import { type Behaviour, CHANGES, done, json } from './behaviour.ts';
import { bisections } from './bisections.ts';
import { checkpoints } from './checkpoints.ts';
import { failingEnvironments } from './failing-environments.ts';
import { filters } from './filters.ts';
import { givingUp } from './giving-up.ts';
import { resharding } from './resharding.ts';
import { numbers, streamOf, toyMapping } from './toy-mapping.ts';

let emulators: Emulators;
let clients: LocalClients;

beforeAll(async () => {
  emulators = await startEmulators({ services: ['kinesis'] });
  clients = localClients(emulators.endpoints);
});
afterAll(async () => {
  clients.destroy();
  await emulators.stop();
});

describe('the event source mapping, as AWS has it', () => {
  it.each<Behaviour>([
    ...batches,
    ...checkpoints,
    ...bisections,
    ...givingUp,
    ...failingEnvironments,
    ...filters,
    ...resharding(() => clients),
  ])('$behaviour [$source]', ({ prove }) => prove());
});

it('delivers 50,000 records in batches of 1,000 in less than six seconds', async () => {
  const eventName = ['INSERT', 'MODIFY', 'REMOVE'];
  const texts = numbers(50_000).map((id) =>
    json({ eventName: eventName[Number(id) % 2], id, text: 'x'.repeat(300) }),
  );
  const stream = streamOf(texts);
  const from = performance.now();
  const { mapping, drain } = toyMapping(stream, done, { batchSize: 1_000, filterPatterns: CHANGES });
  await drain();
  expect(performance.now() - from).toBeLessThan(6_000);
  expect(mapping.stats()).toMatchObject({ invocations: 50, recordsDone: 50_000 });
});
