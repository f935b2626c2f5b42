/** A plan cannot be made of what was asked for; the message says of what, and what to do. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}
