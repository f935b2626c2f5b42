import { parsePath, valueAt } from '../../src/dynamodb-json/attribute-path.ts';
import { findText, textAttribute } from '../../src/tasks/item-text.ts';
import { partiqlPath, placeholders } from '../../src/stores/dynamodb/expressions.ts';

describe('paths', () => {
  it.each([
    ['text', ['text'], '#0', '"text"'],
    ['message.body', ['message', 'body'], '#0.#1', '"message"."body"'],
    ['parts[1].text', ['parts', 1, 'text'], '#0[1].#1', '"parts"[1]."text"'],
    ['a[0][12]', ['a', 0, 12], '#0[0][12]', '"a"[0][12]'],
    // Not written like a path: the name of one attribute.
    ['a..b', ['a..b'], '#0', '"a..b"'],
    ['.a', ['.a'], '#0', '".a"'],
    ['a[x]', ['a[x]'], '#0', '"a[x]"'],
    ['[0]', ['[0]'], '#0', '"[0]"'],
    ['say "hi"', ['say "hi"'], '#0', '"say ""hi"""'],
  ])('%s', (written, path, expression, partiql) => {
    expect(parsePath(written)).toEqual(path);
    const given = placeholders();
    expect(given.path(path)).toBe(expression);
    expect(Object.values(given.ExpressionAttributeNames())).toEqual(
      path.filter((one) => typeof one === 'string'),
    );
    expect(partiqlPath(path)).toBe(partiql);
  });

  it.each([
    ['a.b', { S: 'x' }],
    ['a.c[1]', { N: '2' }],
    ['a.c[2]', undefined],
    ['a.b.d', undefined],
    ['a[0]', undefined],
    ['a.c.length', undefined],
    ['z', undefined],
  ])('%s leads to %j', (path, value) => {
    const item = { a: { M: { b: { S: 'x' }, c: { L: [{ NULL: true }, { N: '2' }] } } } };
    expect(valueAt(item, parsePath(path))).toEqual(value);
  });
});

describe('findText', () => {
  const attributes = [textAttribute('message.body'), textAttribute('text')];
  const nested = { M: { body: { S: 'nested' } } };

  it('takes the first that the item has, and an attribute named like the path before the path', () => {
    expect(findText({ message: nested, text: { S: 'x' } }, attributes)).toMatchObject({
      path: ['message', 'body'],
      value: { S: 'nested' },
    });
    expect(findText({ message: nested, 'message.body': { S: 'own' } }, attributes)).toMatchObject({
      path: ['message.body'],
      value: { S: 'own' },
    });
  });

  it('passes over what is NULL, missing or on no map', () => {
    const text = { S: 'x' };
    for (const message of [{ NULL: true }, { S: 'no map' }, { M: { body: { NULL: true } } }, { M: {} }]) {
      expect(findText({ message, text }, attributes)).toMatchObject({ path: ['text'], value: text });
    }
    expect(findText({}, attributes).value).toBeUndefined();
  });

  it('says where nothing is that would come before', () => {
    expect(findText({ 'message.body': { NULL: true }, text: { S: 'x' } }, attributes).before).toEqual([
      { path: ['message.body'], value: { NULL: true } },
      { path: ['message', 'body'], value: undefined },
    ]);
  });

  it.each(['constructor', '__proto__', 'toString'])('knows %s as a name like any other', (name) => {
    const named = [textAttribute(name)];
    expect(findText({}, named).value).toBeUndefined();
    expect(findText(JSON.parse(`{"${name}": {"S": "x"}}`), named).value).toEqual({ S: 'x' });
    const nestedIn = [textAttribute(`message.${name}`)];
    expect(findText({ message: { M: {} } }, nestedIn).value).toBeUndefined();
    expect(findText(JSON.parse(`{"message": {"M": {"${name}": {"S": "x"}}}}`), nestedIn).value).toEqual({
      S: 'x',
    });
  });
});
