import { readPredictConfig } from '../../src/wire/config.ts';
import { shippedParts } from '../support/predict-api.ts';

const SHA256 = 'ab'.repeat(32);

describe('the settings of the prediction API', () => {
  it('have limits, no key and no CORS unless they are given', () => {
    const { MAX_TEXTS, MAX_BODY_BYTES, HTTP_KEY_SHA256, CORS_ORIGINS, HTTP_PAGE } = readPredictConfig({
      MODEL: 'x',
    });
    expect({ MAX_TEXTS, MAX_BODY_BYTES, HTTP_KEY_SHA256, CORS_ORIGINS, HTTP_PAGE }).toEqual({
      ...{ MAX_TEXTS: 1_000, MAX_BODY_BYTES: 4_500_000, HTTP_PAGE: 'on' },
    });
  });

  it('reach the API', async () => {
    const parts = await shippedParts({
      ...{
        MAX_TEXTS: '2',
        MAX_BODY_BYTES: '3',
        MAX_TEXT_CHARACTERS: '4',
        HTTP_KEY_SHA256: SHA256,
        HTTP_PAGE: 'off',
      },
      CORS_ORIGINS: 'https://example.org, http://localhost:3000',
    });
    expect(parts).toMatchObject({
      limits: { texts: 2, bytes: 3, characters: 4 },
      keySha256: SHA256,
      corsOrigins: ['https://example.org', 'http://localhost:3000'],
      page: false,
    });
  });

  it.each([
    ['HTTP_KEY_SHA256', 'my key'],
    ['HTTP_KEY_SHA256', SHA256.slice(1)],
    ['CORS_ORIGINS', 'example.org'],
    ['CORS_ORIGINS', 'https://example.org/'],
    ['CORS_ORIGINS', 'https://example.org/path'],
    ['CORS_ORIGINS', 'https://*.example.org'],
    ['CORS_ORIGINS', 'https://example.org,'],
    ['MAX_TEXTS', '0'],
    ['MAX_BODY_BYTES', '4.5'],
    ['HTTP_PAGE', 'yes'],
  ])('refuse %s=%s', (name, value) => {
    expect(() => readPredictConfig({ MODEL: 'x', [name]: value })).toThrow(new RegExp(`  ${name}: `));
  });

  it('take every origin', () => {
    expect(readPredictConfig({ MODEL: 'x', CORS_ORIGINS: '*' }).CORS_ORIGINS).toEqual(['*']);
  });
});
