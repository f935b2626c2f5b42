import { join } from 'node:path';
import { openStage, placeOf } from '../../../src/tools/stage/stage.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

describe('openStage', () => {
  it.each([
    ['the option', 'ap-south-1', { AWS_REGION: 'eu-west-1' }, 'ap-south-1'],
    ['AWS_REGION', undefined, { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
    ["serverless.yml's", undefined, { AWS_REGION: '' }, 'us-east-1'],
  ])('takes the region from %s, for every client', async (_, region, environment, expected) => {
    const stage = await openStage({ root: ROOT, stage: 'dev', region, environment });
    const client = stage.client((settings) => ({ settings, destroy: () => undefined }));
    expect([stage.region, client.settings.region]).toEqual([expected, expected]);
  });

  it('destroys its clients, and says where it is', async () => {
    const stage = await openStage({ root: ROOT, stage: 'dev', region: 'eu-west-1' });
    const destroyed: string[] = [];
    for (const name of ['a', 'b']) stage.client(() => ({ destroy: () => destroyed.push(name) }));
    stage.close();
    expect(destroyed).toEqual(['a', 'b']);
    expect(placeOf(stage, 'arn:aws:kinesis:eu-west-1:123456789012:stream/x')).toBe(
      'account 123456789012, eu-west-1, stage dev',
    );
  });
});
