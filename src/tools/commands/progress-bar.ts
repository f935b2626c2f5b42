import cliProgress, { type SingleBar } from 'cli-progress';

/**
 * A progress bar on standard error; a line every five seconds where that is not a terminal.
 *
 * @param format with `{bar}`, `{value}`, `{total}`, `{eta_formatted}` and the fields of updates
 */
export const progressBar = (format: string, { quiet }: { readonly quiet: boolean }): SingleBar =>
  new cliProgress.SingleBar({
    format,
    hideCursor: true,
    noTTYOutput: !quiet,
    notTTYSchedule: 5_000,
    etaBuffer: 100,
    // NaN before there is any progress.
    formatTime: (seconds, options, multiple) =>
      Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, multiple) : '…',
  });
