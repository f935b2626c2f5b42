import { startCommand } from '../../support/serve-process.ts';

const BODY = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"inputs":"I lost my card"}',
};

describe('npm run serve', () => {
  it('answers with the model that is asked for, until it is stopped', async () => {
    const {
      process: child,
      logged,
      ended,
    } = startCommand(['--port', '0', '--model', 'banking77-minilm', '--threads', '2']);
    const { url } = await logged('listening');
    const answer = await fetch(String(url), BODY);
    expect(answer.headers.get('x-model')).toMatch(/^banking77-minilm@/);
    expect(await answer.json()).toEqual([[expect.objectContaining({ label: 'lost_or_stolen_card' })]]);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it.each([
    [['--threads', '0'], /whole number from 1 to 128/],
    [['--port', 'http'], /whole number from 0 to 65535/],
    [['--model', 'unknown'], /unknown/],
    [['--host', '192.0.2.1'], /this machine has no such address/],
  ])('exits with 2 and says why: %j', async (args, reason) => {
    const { ended, errors } = startCommand(['--port', '0', ...args]);
    expect(await ended).toBe(2);
    expect(await errors).toMatch(reason);
  });
});
