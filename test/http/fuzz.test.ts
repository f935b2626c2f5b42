import fc from 'fast-check';
import { predictApi } from '../../src/http/predict-api.ts';
import { checkRequest } from '../../src/tools/chaos/hostile/check-request.ts';
import { hostileRequests } from '../../src/tools/chaos/hostile/hostile-requests.ts';
import { shippedParts } from '../support/predict-api.ts';

/** `npm run fuzz -- --requests 10000` sends more of them. */
describe('random requests', () => {
  it('get the documented answer or error, and do no harm to the next one', async () => {
    const parts = await shippedParts({
      MAX_TEXTS: '1000',
      MAX_BODY_BYTES: '150000',
      MAX_TEXT_CHARACTERS: '2000',
    });
    const failures: unknown[] = [];
    const api = predictApi({
      ...parts,
      report: ({ failure }) => failure !== undefined && failures.push(failure),
    });
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(hostileRequests, async (request) => {
        const status = await checkRequest(api, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      { numRuns: 400 },
    );
    expect(failures).toEqual([]);
    // The generator reaches the models, and the errors.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 404, 405, 415, 422]));
    const next = await api.request('/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"inputs":"I lost my card"}',
    });
    expect(await next.json()).toEqual([
      [{ label: 'lost_or_stolen_card', score: expect.closeTo(0.9960082, 5) }],
    ]);
  });
});
