/** Does some last work on Ctrl-C or SIGTERM, and ends the process with the status of an interruption. */
export const onInterrupt = (work: () => Promise<void>): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void work().finally(() => process.exit(130));
    });
};
