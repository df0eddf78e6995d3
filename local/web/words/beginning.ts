/** The beginning of a text that is longer than `most` characters. */
export function beginning(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
