import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useState } from "preact/hooks";

/** The beginning of a text that is longer than `most` characters. */
export function truncateText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/**
 * A name without what every alarm and dashboard of the stage begins with:
 * `wrist-agent-production-failing-now` is `failing-now`.
 */
export function nameWithoutStage(name: string, stage: string): string {
  const mark = `-${stage}-`;
  const at = stage === "" ? -1 : name.indexOf(mark);
  const short = at < 0 ? "" : name.slice(at + mark.length);
  return short === "" ? name : short;
}

const REGION = /^[a-z]{2}(-[a-z]+){1,2}-\d+-(?=.)/;

/**
 * What readers call a dashboard, `on-call`: its whole name has stage and Region, as all Regions of an account
 * share one list.
 */
export function dashboardTitle(name: string, stage: string): string {
  return nameWithoutStage(name, stage).replace(REGION, "");
}

/** A piece of text; with `href` it is a link. */
export interface TextPiece {
  readonly text: string;
  readonly href?: string;
}

/** Web addresses, and documents of the project by their path. */
const ADDRESS = /https?:\/\/[^\s<>"'`]+|\bdocs\/(?:[a-z0-9-]+\/)?[a-z0-9-]+\.md(?:#[\w-]+)?/gi;

/**
 * Where an address leads to on this page; `undefined` for one that leads elsewhere, `null` for one to leave
 * as text.
 */
export type LocalHref = (address: string) => string | null | undefined;

/**
 * Cuts plain text into pieces so that addresses in it can be followed, here where they can be; nothing else
 * becomes a link.
 */
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

interface LinkedTextProps {
  readonly text: string;
  /** Characters that an address shows at most; the whole address when missing. */
  readonly maxAddressLength?: number;
  /** Where addresses lead to on this page; each leads where it says when missing. */
  readonly localHref?: LocalHref;
}

/** Plain text whose addresses can be followed. */
export function LinkedText({
  text,
  maxAddressLength = Infinity,
  localHref,
}: LinkedTextProps): ComponentChild {
  const piece = ({ text: part, href }: TextPiece): ComponentChild =>
    href === undefined ? part : linkTo(href, truncateText(part, maxAddressLength));
  return h("span", null, splitLinks(text, localHref).map(piece));
}

/** A link that a new tab opens, or one to a place on this page. */
export function linkTo(href: string, content: ComponentChildren, className?: string): ComponentChild {
  const shown = className === undefined ? {} : { class: className };
  if (href.startsWith("#")) return h("a", { href, ...shown }, content);
  const title = typeof content === "string" && content.endsWith("…") ? { title: href } : {};
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", ...title, ...shown }, content);
}

/** A button that puts a text on the clipboard and says so. */
export function CopyButton({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ComponentChild {
  const [said, setSaid] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied."),
      () => setSaid("The browser refused: select the text and copy it."),
    );
  };
  return h("p", { class: "copy-line" }, [
    h("button", { type: "button", onClick: copy }, label),
    " ",
    h("span", { role: "status" }, said),
    said.startsWith("The") ? h("pre", { class: "copy", tabIndex: 0 }, text) : null,
  ]);
}
