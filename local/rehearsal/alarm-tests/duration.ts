const PARTS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** Reads `90s`, `5m`, `1h30m` or `2d` as milliseconds; `undefined` when it is none of these. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+[dhms])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (PARTS.find(([name]) => name === unit)?.[1] ?? 0),
    0,
  );
}

/** Writes milliseconds as `1h30m`. */
export function durationText(ms: number): string {
  let rest = ms;
  const parts = PARTS.map(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? "" : `${amount}${unit}`;
  });
  return parts.join("") || "0m";
}
