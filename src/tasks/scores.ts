/** The least number above zero that DynamoDB holds. */
const LEAST = 1e-130;

/** A probability as all doors give it: seven significant digits, all that a float32 has. */
export const roundedScore = (score: number): number =>
  Math.abs(score) < LEAST ? 0 : Number(score.toPrecision(7));

/** A probability as a DynamoDB number. */
export const scoreText = (score: number): string => String(roundedScore(score));
