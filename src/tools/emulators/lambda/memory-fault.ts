import type { FunctionStats } from './function-stats.ts';

/**
 * The message about a function that used more memory than it has, which Lambda ends in the middle of an invocation;
 * undefined where it did not.
 */
export const memoryFault = ({ configured, maxUsed }: FunctionStats['memoryMB']): string | undefined => {
  if (maxUsed <= configured) return undefined;
  return (
    `The function used ${maxUsed} MB, more than the ${configured} MB that it has: Lambda would have ended it. Give it more ` +
    'memory (--memory here, the parameter `memory` of a stage), or fewer records at a time.'
  );
};
