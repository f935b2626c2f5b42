import { hash } from 'node:crypto';
import { Script } from 'node:vm';
import { shippedParts, type TestApi, testApi } from '../support/predict-api.ts';

const BROWSER = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

let api: TestApi;
let response: Response;
let html: string;
beforeAll(async () => {
  api = testApi(await shippedParts());
  response = await api.request('/', BROWSER);
  html = await response.text();
});

const inner = (element: string): string =>
  new RegExp(`<${element}[^>]*>([^]*?)</${element}>`).exec(html)?.[1] ?? '';

describe('the page', () => {
  it('is for browsers; all else gets JSON', async () => {
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    for (const Accept of ['*/*', 'application/json', '']) {
      const other = await api.request('/', { headers: { Accept } });
      expect(await other.json()).toMatchObject({
        name: 'labelstream',
        models: expect.arrayContaining(['banking77-tfidf@1']),
      });
    }
  });

  it('can be turned off', async () => {
    const without = testApi(await shippedParts({ HTTP_PAGE: 'off' }));
    expect((await without.request('/', BROWSER)).headers.get('Content-Type')).toBe('application/json');
  });

  it('runs its own script and style, and nothing else', () => {
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    const allowed = (directive: string) => policy.split('; ').find((one) => one.startsWith(`${directive} `));
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<style/g)).toHaveLength(1);
    expect(allowed('script-src')).toBe(`script-src 'sha256-${hash('sha256', inner('script'), 'base64')}'`);
    expect(allowed('style-src')).toBe(`style-src 'sha256-${hash('sha256', inner('style'), 'base64')}'`);
    expect(allowed('default-src')).toBe("default-src 'none'");
    expect(allowed('connect-src')).toBe("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(html).not.toMatch(/ on\w+=| style=/);
  });

  it('loads nothing from elsewhere', () => {
    expect(html).not.toMatch(/https?:\/\/|@import|url\(/);
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => target)).toEqual(['data:,']);
  });

  it('makes no HTML of what it gets', () => {
    expect(inner('script')).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function\(/,
    );
  });

  it('has a label for each field, and says what happens', () => {
    const fields = [...html.matchAll(/<(?:input|select|textarea)[^>]*id="(\w+)"/g)].map(([, id]) => id);
    const labelled = [...html.matchAll(/<label for="(\w+)"/g)].map(([, id]) => id);
    expect(fields).toEqual(['model', 'top', 'text', 'second', 'key']);
    expect(labelled).toEqual(fields);
    expect(html).toMatch(/role="status" aria-live="polite"/);
    expect(html).toMatch(/<html lang="en">/);
    expect(html).toMatch(/<meta name="color-scheme" content="light dark">/);
    expect(html).toMatch(/name="viewport"/);
  });

  it('finds every element that its script names', () => {
    const named = [...inner('script').matchAll(/\['form'[^\]]*\]/g)][0]?.[0].match(/\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    for (const id of named) expect(html).toContain(`id="${id}"`);
  });

  it('has a script that a browser can read', () => {
    expect(() => new Script(inner('script'))).not.toThrow();
  });
});
