import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readServerlessFile } from '../../../src/tools/serverless-yml/serverless-file.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Names of alarms, without service and stage, wherever in the files they are. */
const alarmNames = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'AlarmName' ? [String(inner).replace(`\${self:service}-\${sls:stage}-`, '')] : alarmNames(inner),
  );
};

describe('docs/operations.md', () => {
  it('says what to do at each alarm of serverless.yml, and at no other', async () => {
    const deployed = alarmNames((await readServerlessFile(ROOT)).resources);
    const page = await readFile(join(ROOT, 'docs', 'operations.md'), 'utf8');
    const [, section = ''] = /## Alarms\n([^]*?)\n## /.exec(page) ?? [];
    const described = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    expect(deployed.length).toBeGreaterThan(10);
    expect(described.toSorted()).toEqual(deployed.toSorted());
  });
});

describe('docs/parameters.md', () => {
  it('has each parameter of serverless.yml in its table, and no other', async () => {
    const { params } = await readServerlessFile(ROOT);
    const page = await readFile(join(ROOT, 'docs', 'parameters.md'), 'utf8');
    const [, section = ''] = /## Parameters of serverless.yml\n([^]*?)\n## /.exec(page) ?? [];
    const described = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
    expect(described.toSorted()).toEqual(Object.keys(params.default).toSorted());
  });

  it('says the defaults of serverless.yml', async () => {
    const { params } = await readServerlessFile(ROOT);
    const page = await readFile(join(ROOT, 'docs', 'parameters.md'), 'utf8');
    const [, section = ''] = /## Parameters of serverless.yml\n([^]*?)\n## /.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (.*?) \|/gm)];
    const told = rows.map(([, names = '', defaults = '']) => [names.replaceAll('`', ''), defaults]);
    for (const [names = '', defaults = ''] of told)
      for (const name of names.split(', '))
        if (params.default[name] !== '')
          expect([name, defaults]).toEqual([name, expect.stringContaining(String(params.default[name]))]);
  });
});
