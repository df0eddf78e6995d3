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

/**
 * The colour of a series: its own if it is a plain hex colour, else one of eight; in the dark as light as it
 * needs to be.
 */
export function seriesColor(own: string | undefined, index: number, isDark = prefersDark()): string {
  const color = own !== undefined && /^#[0-9a-f]{6}$/i.test(own) ? own : PALETTE[index % PALETTE.length];
  return isDark ? lightEnough(color ?? PALETTE[0]) : (color ?? PALETTE[0]);
}

function prefersDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Luminance of a colour that has three times the contrast to the dark surface, which WCAG asks of graphics;
 * with some room.
 */
const LEAST_LUMINANCE = 0.145;
const MIX_STEP = 0.02;

/**
 * The templates' colours are chosen for the console's white: a thin line of the darkest is not seen on a dark
 * ground.
 */
function lightEnough(color: string): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  for (let share = 0; share < 1; share += MIX_STEP) {
    const mixed = parts.map((part) => Math.round(part + (255 - part) * share));
    if (luminance(mixed) >= LEAST_LUMINANCE)
      return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  }
  return color;
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
