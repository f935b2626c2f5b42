import { join } from 'node:path';
import { spawnProgram } from '../../support/run-program.ts';

/** A process of its own: what nobody handles ends it, and Jest would not see that it was handled too late. */
test('a copy that fails while another part is read ends the attempt, not the process; the next one finishes', async () => {
  const file = join(__dirname, '..', '..', 'support', 'failing-copy.ts');
  const { status, stdout, stderr } = await spawnProgram({ file, args: [], cwd: __dirname, env: process.env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const ids = [1, 2, 3].map((recordId) => expect.objectContaining({ recordId, label: expect.any(String) }));
  expect(JSON.parse(stdout)).toEqual({
    error: { name: 'TransientError', message: 'the copy failed' },
    before: [],
    manifest: expect.objectContaining({ status: 'complete', counts: { lines: 3, labelled: 3, errors: {} } }),
    output: ids,
  });
});
