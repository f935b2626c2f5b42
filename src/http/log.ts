/** Writes a line of JSON on standard output, as the functions log. Never a text of a request. */
export const log = (level: 'INFO' | 'WARN' | 'ERROR', message: string, details: object = {}): void => {
  const line = { level, message, timestamp: new Date().toISOString(), ...details };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
