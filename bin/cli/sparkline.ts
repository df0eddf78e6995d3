const BARS = "▁▂▃▄▅▆▇█";

/**
 * Values as one line of bars, the highest bar `top` or the largest value. A gap is a blank, and zero the lowest bar, so that
 * both can be told apart.
 */
export function sparkline(values: readonly (number | undefined)[], top?: number): string {
  const highest = top ?? Math.max(0, ...values.filter((value) => value !== undefined));
  return values.map((value) => (value === undefined ? " " : bar(value, highest))).join("");
}

function bar(value: number, highest: number): string {
  if (highest <= 0 || value <= 0) return BARS.charAt(0);
  const step = Math.ceil((Math.min(value, highest) / highest) * (BARS.length - 1));
  return BARS.charAt(step);
}
