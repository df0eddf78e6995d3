import { type ComponentChild, type ComponentChildren, h } from "preact";
import { type LocalHref, splitLinks, type TextPiece, truncateText } from "./text.ts";

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
