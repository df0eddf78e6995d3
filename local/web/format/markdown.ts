import { lexer, type Token, type Tokens, walkTokens } from "marked";
import { type ComponentChild, h } from "preact";
import { localDocumentHref, relativeDocumentHref } from "./local-links.ts";
import { linkTo, safeHref, splitLinks } from "./text.ts";

/**
 * Markdown as elements: text never becomes HTML, and only web addresses become links.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_remove_text_dashboard.html
 */
export function Markdown({ markdown, path }: MarkdownProps): ComponentChild {
  const tokens = lexer(markdown, { gfm: true });
  const linked = new Set<Token>();
  void walkTokens(tokens, (token) => {
    if (token.type === "link") {
      const link = token as Tokens.Link;
      link.href = relativeDocumentHref(link.href, path) ?? link.href;
      for (const inner of link.tokens) linked.add(inner);
    } else if (token.type === "text" && !linked.has(token)) linkDocuments(token as Tokens.Text);
  });
  return h("div", { class: "markdown" }, blocks(tokens));
}

interface MarkdownProps {
  readonly markdown: string;
  /**
   * The document that it is, below docs/: its links are relative to it. Without one, a link is as it says.
   */
  readonly path?: string;
}

/** Makes links of the documents that a text names by their path: `docs/alarms.md`. */
function linkDocuments(token: Tokens.Text): void {
  if (token.tokens !== undefined) return;
  const pieces = splitLinks(token.text, (address) => localDocumentHref(address) ?? null);
  if (pieces.every(({ href }) => href === undefined)) return;
  token.tokens = pieces.map(({ text, href }): Token => {
    const plain: Tokens.Text = { type: "text", raw: text, text };
    return href === undefined ? plain : { type: "link", raw: text, href, text, tokens: [plain] };
  });
}

type Write<Kind extends Token> = (token: Kind) => ComponentChild;

function blocks(tokens: readonly Token[]): ComponentChild[] {
  return tokens.map((token) => {
    const write = Object.hasOwn(WRITERS, token.type) ? WRITERS[token.type] : undefined;
    return write === undefined ? plainText(token.raw) : write(token);
  });
}

/** What stands inside a token, written out; its text where there is nothing inside. */
function inside(token: Token): ComponentChild[] {
  const { tokens } = token as { readonly tokens?: readonly Token[] };
  return tokens === undefined ? [plainText((token as Tokens.Text).text)] : blocks(tokens);
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

/** Text with its character references read: `&amp;` is `&`. */
function plainText(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|\w{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return NAMED[name] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The page's own headings end at level three. */
function writeHeading(token: Tokens.Heading): ComponentChild {
  return h(`h${Math.min(6, token.depth + 3)}`, { class: `md-h${token.depth}` }, inside(token));
}

function writeList({ ordered, start, items }: Tokens.List): ComponentChild {
  const from = ordered && start !== "" && start !== 1 ? { start } : null;
  const item = (one: Tokens.ListItem): ComponentChild => h("li", null, blocks(one.tokens));
  return h(ordered ? "ol" : "ul", from, items.map(item));
}

function writeTable({ header, rows }: Tokens.Table): ComponentChild {
  const cells = (name: "th" | "td") => (cell: Tokens.TableCell) =>
    h(name, cell.align === null ? {} : { style: { textAlign: cell.align } }, blocks(cell.tokens));
  return h("div", { class: "scroll" }, [
    h("table", null, [
      h("thead", null, h("tr", null, header.map(cells("th")))),
      h(
        "tbody",
        null,
        rows.map((row) => h("tr", null, row.map(cells("td")))),
      ),
    ]),
  ]);
}

/** `[button:Label](address)` and `[button:primary:Label](address)`, as CloudWatch draws buttons. */
const BUTTON = /^button:(?:(primary):)?/;

function writeLink(token: Tokens.Link): ComponentChild {
  const href = safeHref(plainText(token.href));
  if (href === undefined) return plainText(token.raw);
  const button = BUTTON.exec(token.text);
  if (button === null) return linkTo(href, inside(token));
  const label = plainText(token.text.slice(button[0].length));
  return linkTo(href, label, button[1] === undefined ? "button" : "button button-primary");
}

/** The page loads nothing from elsewhere: a picture is a link to it. */
function writeImage({ href, text, raw }: Tokens.Image): ComponentChild {
  const address = safeHref(plainText(href));
  return address === undefined ? raw : linkTo(address, text === "" ? address : plainText(text));
}

const element =
  (name: string): Write<Token> =>
  (token) =>
    h(name, null, inside(token));

const WRITERS: Readonly<Record<string, Write<never> & Write<Token>>> = {
  heading: writeHeading,
  paragraph: element("p"),
  text: inside,
  list: writeList,
  table: writeTable,
  code: ({ text }: Tokens.Code) => h("pre", null, text),
  blockquote: element("blockquote"),
  hr: () => h("hr", null),
  html: ({ raw }: Tokens.HTML) => raw,
  space: () => null,
  def: () => null,
  escape: ({ text }: Tokens.Escape) => text,
  strong: element("strong"),
  em: element("em"),
  del: element("del"),
  codespan: ({ text }: Tokens.Codespan) => h("code", null, text),
  br: () => h("br", null),
  link: writeLink,
  image: writeImage,
  checkbox: ({ checked }: { readonly checked: boolean }) => (checked ? "☑ " : "☐ "),
} as Readonly<Record<string, Write<never> & Write<Token>>>;
