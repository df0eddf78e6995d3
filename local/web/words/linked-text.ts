/** A piece of text; with `href` it is a link. */
export interface TextPiece {
  readonly text: string;
  readonly href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'`]+/gi;

/** Cuts plain text into pieces so that web addresses in it can be followed; nothing else becomes a link. */
export function linkText(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    if (safeHref(address) === undefined) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** The address if it may be followed: `http`, `https` or a place on this page; else `undefined`. */
export function safeHref(address: string): string | undefined {
  if (address.startsWith("#")) return address;
  if (!URL.canParse(address)) return undefined;
  return ["http:", "https:"].includes(new URL(address).protocol) ? address : undefined;
}
