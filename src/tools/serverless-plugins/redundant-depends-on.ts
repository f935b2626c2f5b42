/** The part of a CloudFormation template that orders the creation of resources. */
export interface TemplateResources {
  readonly Resources: Record<
    string,
    { DependsOn?: string | readonly string[]; readonly Properties?: unknown }
  >;
}

/**
 * Removes from a template, in place, each `DependsOn` that a `Ref`, `Fn::GetAtt` or `Fn::Sub` of the same resource
 * implies: the framework writes them all, and cfn-lint (W3005), which emulators of CloudFormation use, too, warns about
 * them.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
 */
export const dropRedundantDependsOn = ({ Resources }: TemplateResources): void => {
  for (const resource of Object.values(Resources)) {
    if (resource.DependsOn === undefined) continue;
    const implied = new Set(references(resource.Properties));
    const kept = [resource.DependsOn].flat().filter((name) => !implied.has(name));
    if (kept.length === 0) delete resource.DependsOn;
    else resource.DependsOn = kept;
  }
};

/** The logical ids that a value refers to, including parameters and pseudo parameters. */
export function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref') yield String(inner);
    else if (key === 'Fn::GetAtt') yield String([inner].flat()[0]).split('.', 1)[0] ?? '';
    else if (key === 'Fn::Sub') yield* substituted(inner);
    else yield* references(inner);
  }
}

/** Names in `${Name}` or `${Name.Attribute}`; `${!Literal}` is text. */
function* substituted(sub: unknown): Generator<string> {
  const [text, variables] = [sub].flat() as [unknown, object?];
  yield* references(variables);
  for (const [, name = ''] of String(text).matchAll(/\$\{([^!}.][^}.]*)[^}]*\}/g)) {
    if (!Object.hasOwn(variables ?? {}, name)) yield name;
  }
}
