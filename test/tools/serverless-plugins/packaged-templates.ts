import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceCopy } from '../../support/service-copy.ts';
import type { Template } from './granted-actions.ts';

export interface PackagedTemplate extends Template {
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** The templates that `serverless package` writes with these parameters, by their names. */
export const packagedTemplates = async <Name extends string>(
  { root, serverless }: ServiceCopy,
  choices: Readonly<Record<Name, Readonly<Record<string, string>>>>,
): Promise<Readonly<Record<Name, PackagedTemplate>>> => {
  const templates: [string, PackagedTemplate][] = [];
  for (const [name, parameters] of Object.entries<Readonly<Record<string, string>>>(choices)) {
    const folder = join(root, name);
    const given = Object.entries(parameters).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
    const { status, stdout, stderr } = await serverless(['package', '--package', folder, ...given]);
    if (status !== 0) throw new Error(stderr + stdout);
    const file = join(folder, 'cloudformation-template-update-stack.json');
    templates.push([name, JSON.parse(await readFile(file, 'utf8'))]);
  }
  return Object.fromEntries(templates) as Record<Name, PackagedTemplate>;
};
