import { join } from 'node:path';

// Tests see a copy of the environment, which ONNX Runtime does not: this one reaches it, in jest's workers as well.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** What all suites of tests have in common. */
export const shared = {
  rootDir: join(import.meta.dirname, '..'),
  globalSetup: '<rootDir>/test/support/caches.ts',
  globalTeardown: '<rootDir>/test/support/remove-caches.ts',
  testEnvironment: '<rootDir>/test/support/node-environment.cjs',
  transform: { '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }] },
  // Packages that come as ES modules only: found by their files and transformed.
  moduleNameMapper: { '^@middy/(\\w+)$': '<rootDir>/node_modules/@middy/$1/index.js' },
  transformIgnorePatterns: [
    '/node_modules/(?!(@middy|@seriousme|hyparquet|hyparquet-writer|p-map|pixelmatch)/)',
  ],
  modulePathIgnorePatterns: ['<rootDir>/.build', '<rootDir>/.serverless', '<rootDir>/.esbuild'],
};
