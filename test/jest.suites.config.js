import { shared } from './jest.shared.js';

/**
 * The suites that need other components, `test/**\/*.<suite>.ts`: `test/<suite>/run.ts` brings them, and runs it with
 * its name in TEST_SUITE.
 *
 * @type {import('jest').Config}
 */
export default {
  ...shared,
  testMatch: [`<rootDir>/test/**/*.${process.env.TEST_SUITE}.ts`],
  testTimeout: 300_000,
};
