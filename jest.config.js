import { availableParallelism } from 'node:os';
import { shared } from './test/jest.shared.js';

/** @type {import('jest').Config} */
export default {
  // `npm test -- --selectProjects unit` runs the quick ones; the others start processes or run whole models.
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/test/(tools|examples|server|jobs|models/tokenizer)/',
        '/test/(models/shipped-models|http/same-answer|functions/predict-contract)',
      ],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/test/{tools,examples,server,jobs,models/tokenizer}/**/*.test.ts',
        '<rootDir>/test/{models/shipped-models*,http/same-answer*,functions/predict-contract}.test.ts',
      ],
    },
  ],
  testSequencer: '<rootDir>/test/support/slow-first.cjs',
  // Tests wait for processes as often as they use a CPU. (Jest takes a percentage above 100 for a number.)
  maxWorkers: availableParallelism() + 2,
  testTimeout: 30_000,
};
