import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitLinks, safeHref } from "../../../../local/web/format/text.ts";
import { readInline, readMarkdown } from "../../../../local/web/format/markdown.ts";

const text = (value: string): object => ({ kind: "text", text: value });

describe("Markdown of text widgets", () => {
  test.each([
    ["## Up?", [{ kind: "heading", level: 2, inline: [text("Up?")] }]],
    [
      "a\nb\n\nc",
      [
        { kind: "paragraph", inline: [text("a b")] },
        { kind: "paragraph", inline: [text("c")] },
      ],
    ],
    ["- a\n- b", [{ kind: "list", ordered: false, items: [[text("a")], [text("b")]] }]],
    ["1. a", [{ kind: "list", ordered: true, items: [[text("a")]] }]],
    ["---", [{ kind: "rule" }]],
    ["```\n<b>\n```", [{ kind: "code", text: "<b>" }]],
    [
      "a|b\n-|-\n1|2",
      [
        {
          kind: "table",
          rows: [
            [[text("a")], [text("b")]],
            [[text("1")], [text("2")]],
          ],
        },
      ],
    ],
    ["<script>alert(1)</script>", [{ kind: "paragraph", inline: [text("<script>alert(1)</script>")] }]],
    ["", []],
  ])("%j", (markdown, blocks) => {
    expect(readMarkdown(markdown)).toEqual(blocks);
  });

  test.each([
    ["**b** *e* `c`", ["strong", "text", "emphasis", "text", "code"]],
    ["[go](https://example.com)", ["link"]],
    ["[go](javascript:alert(1))", ["text", "text"]],
    ["[go](data:text/html,x)", ["text"]],
    ["[go](#/alarms)", ["link"]],
  ])("%s is read as %j", (line, kinds) => {
    expect(readInline(line).map((piece) => piece.kind)).toEqual(kinds);
  });

  test("any text is read to an end, and no link leads anywhere but to the web or this page", () => {
    const piece = fc.constantFrom(
      "#",
      "\n",
      "- ",
      "|",
      "-",
      "`",
      "```",
      "**",
      "[x](",
      "javascript:a",
      ")",
      " ",
      "a",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = JSON.stringify(readMarkdown(pieces.join("")));
        expect(found).not.toContain('"href":"javascript');
      }),
    );
  });
});

describe("links in plain text", () => {
  test("addresses become links, the stop after them does not", () => {
    expect(splitLinks("see https://example.com/a. Then rest")).toEqual([
      { text: "see " },
      { text: "https://example.com/a", href: "https://example.com/a" },
      { text: ". Then rest" },
    ]);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "x"])(
    "%s may not be followed",
    (address) => expect(safeHref(address)).toBeUndefined(),
  );

  test("no character of a text is lost", () => {
    fc.assert(
      fc.property(
        fc.string(),
        (any) =>
          splitLinks(any)
            .map((piece) => piece.text)
            .join("") === any,
      ),
    );
  });
});
