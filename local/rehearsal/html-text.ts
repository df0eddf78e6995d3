/** A piece of HTML that may be put into a page as it is. */
export interface Html {
  readonly markup: string;
}

/** Markup that is known to be harmless. */
export function harmlessHtml(markup: string): Html {
  return { markup };
}

/** A template whose values are escaped, unless they are HTML already. */
export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  return harmlessHtml(
    parts.reduce(
      (text, part, at) => text + part + (at < values.length ? markupOf(values[at] ?? "") : ""),
      "",
    ),
  );
}

/** Pieces one after the other. */
export function joinedHtml(pieces: readonly Html[]): Html {
  return harmlessHtml(pieces.map(({ markup }) => markup).join(""));
}

/** A table that scrolls by itself where the page is narrow; `heads` are its header cells. */
export function scrollTable(heads: Html, rows: readonly Html[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${joinedHtml(rows)}
      </tbody>
    </table>
  </div>`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function markupOf(value: Html | string | number): string {
  if (typeof value === "object") return value.markup;
  return String(value).replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

const DURATION_UNITS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
] as const;

/** One unit, the largest that fits: `3.5 min`, `2.0 h`; days from two on. */
export function durationText(ms: number): string {
  if (ms === Infinity) return "never";
  const { unit, ms: size } = DURATION_UNITS.find((each) => ms >= (each.unit === "d" ? 2 : 1) * each.ms) ?? {
    unit: "min",
    ms: 60_000,
  };
  return `${(ms / size).toFixed(1)} ${unit}`;
}

/** `99.5 %`, without decimals that say nothing. */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent === Math.round(percent) ? percent : percent.toFixed(1)} %`;
}

/** A value of a difference or a limit; `none` where there is none. */
export function valueText(value: number | undefined, kind: "time" | "share" | "number"): string {
  if (value === undefined) return "none";
  if (kind === "time") return durationText(value);
  return kind === "share" ? percentText(value) : String(Number(value.toFixed(2)));
}
