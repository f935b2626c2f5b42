import { dropRedundantDependsOn } from '../../../src/tools/serverless-plugins/redundant-depends-on.ts';

const without = (DependsOn: string | string[], Properties: unknown) => {
  const template = { Resources: { One: { Type: 'Custom::One', DependsOn, Properties } } };
  dropRedundantDependsOn(template);
  return template.Resources.One;
};

describe('a DependsOn', () => {
  it.each([
    ['Ref', { Name: { Ref: 'Other' } }],
    ['Fn::GetAtt', { List: [{ 'Fn::GetAtt': ['Other', 'Arn'] }] }],
    ['Fn::GetAtt in its short form', { Name: { 'Fn::GetAtt': 'Other.Arn' } }],
    ['Fn::Sub', { Name: { 'Fn::Sub': 'arn:${AWS::Region}:${Other}' } }],
    ['Fn::Sub of an attribute', { Name: { 'Fn::Sub': '${Other.Arn}:*' } }],
    ['a variable of Fn::Sub', { Name: { 'Fn::Sub': ['${x}', { x: { Ref: 'Other' } }] } }],
  ])('that %s implies is dropped', (_, properties) => {
    expect(without('Other', properties)).toEqual({ Type: 'Custom::One', Properties: properties });
  });

  it.each([
    ['nothing refers to', { Name: 'Other' }],
    ['only a literal names', { Name: { 'Fn::Sub': '${!Other}' } }],
    ['a variable of Fn::Sub hides', { Name: { 'Fn::Sub': ['${Other}', { Other: 'text' }] } }],
  ])('that %s stays', (_, properties) => {
    expect(without(['Other', 'Third'], properties).DependsOn).toEqual(['Other', 'Third']);
  });

  it('is cut down to what is not implied', () => {
    expect(without(['Other', 'Third'], { Ref: 'Other' }).DependsOn).toEqual(['Third']);
  });
});
