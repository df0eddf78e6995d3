/** Colours and font of a canvas, which cannot read the style sheet itself. */
export interface ChartTheme {
  readonly ink: string;
  readonly mute: string;
  readonly line: string;
  readonly surface: string;
  readonly alarm: string;
  readonly font: string;
}

const PALETTE = [
  "#3f7fd9",
  "#d9772b",
  "#2c9c6a",
  "#c2487a",
  "#8762d4",
  "#a98a12",
  "#2f9fb3",
  "#7b8896",
] as const;

/** The theme in force at `element`. */
export function readChartTheme(element: HTMLElement): ChartTheme {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: value("--ink"),
    mute: value("--mute"),
    line: value("--line"),
    surface: value("--surface"),
    alarm: value("--alarm"),
    font: `11px ${style.fontFamily}`,
  };
}

/** The colour of a series: its own if it is a plain hex colour, else one of eight that read on light and dark. */
export function seriesColor(own: string | undefined, index: number): string {
  if (own !== undefined && /^#[0-9a-f]{6}$/i.test(own)) return own;
  return PALETTE[index % PALETTE.length] ?? PALETTE[0];
}
