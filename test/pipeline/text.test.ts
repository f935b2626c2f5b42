import { parsePath, valueAt } from '../../src/pipeline/attribute-path.ts';
import { findText, textAttribute } from '../../src/pipeline/text.ts';
import { documentPath, partiqlPath } from '../../src/stores/text-path.ts';

describe('paths', () => {
  it.each([
    ['text', ['text'], '#text0', '"text"'],
    ['message.body', ['message', 'body'], '#text0.#text1', '"message"."body"'],
    ['parts[1].text', ['parts', 1, 'text'], '#text0[1].#text2', '"parts"[1]."text"'],
    ['a[0][12]', ['a', 0, 12], '#text0[0][12]', '"a"[0][12]'],
    // Not written like a path: the name of one attribute.
    ['a..b', ['a..b'], '#text0', '"a..b"'],
    ['.a', ['.a'], '#text0', '".a"'],
    ['a[x]', ['a[x]'], '#text0', '"a[x]"'],
    ['[0]', ['[0]'], '#text0', '"[0]"'],
    ['say "hi"', ['say "hi"'], '#text0', '"say ""hi"""'],
  ])('%s', (written, path, expression, partiql) => {
    expect(parsePath(written)).toEqual(path);
    expect(documentPath(path).expression).toBe(expression);
    expect(Object.values(documentPath(path).names)).toEqual(path.filter((one) => typeof one === 'string'));
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
      expect(findText({ message, text }, attributes)?.path).toEqual(['text']);
    }
    expect(findText({}, attributes)).toBeUndefined();
  });
});
