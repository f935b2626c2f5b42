import fc from 'fast-check';
import { describeError, PermanentError, TransientError, unreadable } from '../src/errors.ts';

const SECRET = 'S3CR3T';

/** An error of AWS's or JavaScript's, which may quote what was sent. */
const foreign = (properties: object = {}): Error =>
  Object.assign(new Error(`${SECRET} is not valid`), { name: 'ValidationException', ...properties });

describe('what is told of an error', () => {
  it('is of an error of AWS its name and the identifier of the request', () => {
    const cause = foreign({ $metadata: { requestId: 'A1', attempts: 3 }, $response: SECRET, Item: SECRET });
    expect(describeError(new TransientError('a write failed', { cause }))).toBe(
      'a write failed: ValidationException (request A1)',
    );
    const refused = Object.assign(new AggregateError([foreign()]), { code: 'ECONNREFUSED' });
    expect(describeError(refused)).toBe('AggregateError (ECONNREFUSED)');
  });

  it('is nothing that others say, however errors are within each other', () => {
    const { tree } = fc.letrec<{ tree: Error }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constant(foreign()),
        tie('tree').map((cause) => new TransientError('ours', { cause })),
        tie('tree').map((cause) => new PermanentError('write-refused', 'ours', { cause })),
        tie('tree').map((cause) => foreign({ cause, $metadata: {} })),
        tie('tree').map(unreadable),
      ),
    }));
    fc.assert(fc.property(tree, (error) => expect(describeError(error)).not.toContain(SECRET)));
  });

  it('is cut off where it is a reason that is stored', () => {
    const { message } = new PermanentError('bad-text', `${'x'.repeat(999)}😀${'x'.repeat(60_000)}`);
    expect([message.length, message.isWellFormed()]).toEqual([1_000, true]);
  });
});
