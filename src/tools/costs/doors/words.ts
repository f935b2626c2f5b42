/** A number without decimals. */
export const whole = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });

/** An amount in US dollars; small ones with the digits that they have. */
export const dollars = (amount: number): string =>
  `$${amount.toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: amount > 0 && amount < 0.1 ? 5 : 2,
  })}`;
