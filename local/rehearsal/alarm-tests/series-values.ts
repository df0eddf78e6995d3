/** What happens in one interval: a value, once or several times; `undefined` for no datum. */
export type SeriesItem = { readonly value: number; readonly samples: number } | undefined;

const NUMBER = String.raw`-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const ITEM = new RegExp(`^(?:_|(${NUMBER})(?:\\*(\\d+))?(?:([+-])(${NUMBER}))?)(?:x(\\d+))?$`, "i");
const MOST_ITEMS = 1_000_000;

/**
 * Reads `0x4 5 _ 7*3x2 1+2x3`: a value, `_` for no datum, `v*k` for k samples of v, each with `xN` for N more;
 * `a+bxN` and `a-bxN` step by b. Gives the bad item's text when there is one.
 */
export function parseSeriesValues(text: string): readonly SeriesItem[] | { readonly bad: string } {
  const items: SeriesItem[] = [];
  for (const part of text.split(/\s+/).filter((piece) => piece !== "")) {
    const found = ITEM.exec(part);
    const [, value, samples = "1", sign, step, more = "0"] = found ?? [];
    const repeated = Number(more) + 1;
    if (found === null || (sign !== undefined && found[5] === undefined)) return { bad: part };
    if (items.length + repeated > MOST_ITEMS) return { bad: part };
    const by = step === undefined ? 0 : Number(step) * (sign === "-" ? -1 : 1);
    for (let index = 0; index < repeated; index += 1)
      items.push(
        value === undefined ? undefined : { value: Number(value) + index * by, samples: Number(samples) },
      );
  }
  return items;
}
