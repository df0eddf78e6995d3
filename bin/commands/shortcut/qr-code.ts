import { encode } from "uqr";
import type { Terminal } from "../../cli/terminal.ts";

/** Modules of quiet around a code, as ISO/IEC 18004 asks. */
const QUIET_MODULES = 4;

/** A code is two modules high in a line of text, and one wide in a column. */
const HALVES = { light: "█", darkBelow: "▀", darkAbove: "▄", dark: " " } as const;

/**
 * A QR code as lines of text; nothing where the terminal is too narrow, as half a code is none.
 *
 * With colours it is black on white whatever the terminal's own are; without, light modules are drawn, for a dark terminal.
 */
export function qrCodeLines(
  { colours }: Pick<Terminal, "colours">,
  text: string,
  columns: number,
): readonly string[] | undefined {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_MODULES });
  if (size > columns) return undefined;
  const isDark = (row: number, column: number): boolean => data[row]?.[column] ?? false;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const cells = Array.from({ length: size }, (_, column) =>
      halves(isDark(row, column), row + 1 < size && isDark(row + 1, column)),
    );
    lines.push(
      colours.isColorSupported ? colours.whiteBright(colours.bgBlack(cells.join(""))) : cells.join(""),
    );
  }
  return lines;
}

function halves(isUpperDark: boolean, isLowerDark: boolean): string {
  if (isUpperDark) return isLowerDark ? HALVES.dark : HALVES.darkAbove;
  return isLowerDark ? HALVES.darkBelow : HALVES.light;
}
