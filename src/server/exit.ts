/** Exits once the log is written; threads and connections do not keep the process. */
export const exit = (status: number): void => {
  process.stdout.write('', () => process.exit(status));
};
