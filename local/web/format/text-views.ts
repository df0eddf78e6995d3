import { type ComponentChild, h } from "preact";
import { type Block, type Inline, readMarkdown } from "./markdown.ts";
import { splitLinks, type TextPiece, truncateText } from "./text.ts";

/** Markdown as elements: text never becomes HTML. */
export function Markdown({ markdown }: { readonly markdown: string }): ComponentChild {
  return h("div", { class: "markdown" }, readMarkdown(markdown).map(blockOf));
}

interface LinkedTextProps {
  readonly text: string;
  /** Characters that an address shows at most; the whole address when missing. */
  readonly maxAddressLength?: number;
}

/** Plain text whose web addresses can be followed. */
export function LinkedText({
  text,
  maxAddressLength: mostOfAddress = Infinity,
}: LinkedTextProps): ComponentChild {
  const piece = ({ text: part, href }: TextPiece): ComponentChild =>
    href === undefined ? part : linkTo(href, truncateText(part, mostOfAddress));
  return h("span", null, splitLinks(text).map(piece));
}

function blockOf(block: Block): ComponentChild {
  switch (block.kind) {
    case "heading":
      // The page's own headings end at level three.
      return h(`h${Math.min(6, block.level + 3)}`, { class: `md-h${block.level}` }, inline(block.inline));
    case "paragraph":
      return h("p", null, inline(block.inline));
    case "list":
      return h(
        block.ordered ? "ol" : "ul",
        null,
        block.items.map((item) => h("li", null, inline(item))),
      );
    case "table":
      return h("div", { class: "scroll" }, h("table", null, block.rows.map(tableRow)));
    case "code":
      return h("pre", null, block.text);
    case "rule":
      return h("hr", null);
  }
}

function tableRow(row: readonly (readonly Inline[])[], index: number): ComponentChild {
  return h(
    "tr",
    null,
    row.map((cell) => h(index === 0 ? "th" : "td", null, inline(cell))),
  );
}

const ELEMENTS = { strong: "strong", emphasis: "em", code: "code" } as const;

function inline(pieces: readonly Inline[]): ComponentChild[] {
  return pieces.map((piece) => {
    if (piece.kind === "text") return piece.text;
    return piece.kind === "link" ? linkTo(piece.href, piece.text) : h(ELEMENTS[piece.kind], null, piece.text);
  });
}

function linkTo(href: string, text: string): ComponentChild {
  const isHere = href.startsWith("#");
  const title = text.endsWith("…") ? { title: href } : {};
  return h("a", isHere ? { href } : { href, target: "_blank", rel: "noopener noreferrer", ...title }, text);
}
