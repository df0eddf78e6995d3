/** The beginning of a text that is longer than `most` characters. */
export function truncateText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A name without what every alarm and dashboard of the stage begins with: `wrist-agent-production-failing-now` is `failing-now`. */
export function nameWithoutStage(name: string, stage: string): string {
  const mark = `-${stage}-`;
  const at = stage === "" ? -1 : name.indexOf(mark);
  const short = at < 0 ? "" : name.slice(at + mark.length);
  return short === "" ? name : short;
}

/** A piece of text; with `href` it is a link. */
export interface TextPiece {
  readonly text: string;
  readonly href?: string;
}

/** Web addresses, and documents of the project by their path. */
const ADDRESS = /https?:\/\/[^\s<>"'`]+|\bdocs\/(?:[a-z0-9-]+\/)?[a-z0-9-]+\.md(?:#[\w-]+)?/gi;

/** Where an address leads to on this page; `undefined` for one that leads elsewhere, `null` for one to leave as text. */
export type LocalHref = (address: string) => string | null | undefined;

/** Cuts plain text into pieces so that addresses in it can be followed, here where they can be; nothing else becomes a link. */
export function splitLinks(text: string, localHref: LocalHref = () => undefined): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    const local = localHref(address);
    const href = local === undefined ? safeHref(address) : local;
    if (href === undefined || href === null) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, href });
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
