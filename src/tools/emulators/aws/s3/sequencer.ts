let last = 0n;

/**
 * Of two changes of one key the later one has the greater sequencer, compared as strings.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const nextSequencer = (): string => {
  const now = BigInt(Date.now()) << 24n;
  last = now > last ? now : last + 1n;
  return last.toString(16).toUpperCase().padStart(18, '0');
};
