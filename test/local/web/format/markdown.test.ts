import fc from "fast-check";
import { h } from "preact";
import { describe, expect, test } from "vitest";
import { Markdown } from "../../../../local/web/format/markdown.ts";
import { safeHref, splitLinks } from "../../../../local/web/format/text.ts";
import { elementText } from "../../../support/vnode-text.ts";

/** What a text widget shows, without its frame. */
function shown(markdown: string): string {
  return elementText(h(Markdown, { markdown })).slice("<div>".length, -"</div>".length);
}

describe("Markdown of text widgets", () => {
  test.each([
    ["## Up?", "<h5>Up?</h5>"],
    ["a\nb\n\nc", "<p>a\nb</p><p>c</p>"],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"],
    ["1. a", "<ol><li>a</li></ol>"],
    ["---", "<hr></hr>"],
    ["```\n<b>\n```", "<pre><b></pre>"],
    ["> said\n> so", "<blockquote><p>said\nso</p></blockquote>"],
    [
      "a|b\n-|-\n1|2",
      "<div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>",
    ],
    [
      String.raw`a|b` + "\n-|-\n" + String.raw`1 \| 2|3`,
      "<div><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1 | 2</td><td>3</td></tr></tbody></table></div>",
    ],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["", ""],
  ])("%j", (markdown, elements) => {
    expect(shown(markdown)).toBe(elements);
  });

  test.each([
    ["**b** *e* `c`", "<strong>b</strong> <em>e</em> <code>c</code>"],
    ["__b__ _e_ ~~d~~", "<strong>b</strong> <em>e</em> <del>d</del>"],
    [String.raw`\*no\* \_line\_`, "*no* _line_"],
    ["a &amp; b &lt;c&gt; &#8364; &nosuch;", "a & b <c> € &nosuch;"],
    ["[go](https://example.com)", "<a href=https://example.com>go</a>"],
    [String.raw`[go](https://example.com/a\(b\))`, "<a href=https://example.com/a(b)>go</a>"],
    ["[go](https://example.com/a(b))", "<a href=https://example.com/a(b)>go</a>"],
    ["[**bold** go](#/alarms)", "<a href=#/alarms><strong>bold</strong> go</a>"],
    ["[button:Open](https://example.com)", "<a href=https://example.com class=button>Open</a>"],
    [
      "[button:primary:Open it](https://example.com)",
      "<a href=https://example.com class=button button-primary>Open it</a>",
    ],
    ["![chart](https://example.com/a.png)", "<a href=https://example.com/a.png>chart</a>"],
    ["https://example.com", "<a href=https://example.com>https://example.com</a>"],
    ["[go](javascript:alert(1))", "[go](javascript:alert(1))"],
    ["[go](java&#115;cript:alert)", "[go](javascript:alert)"],
    ["[go](data:text/html,x)", "[go](data:text/html,x)"],
    ["[button:go](vbscript:x)", "[button:go](vbscript:x)"],
    ["![x](javascript:a)", "![x](javascript:a)"],
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ])("%s is shown as %s", (line, elements) => {
    expect(shown(line).replace(/^<p>(.*)<\/p>$/s, "$1")).toBe(elements);
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
      "<b",
      "&#106;",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(shown(pieces.join(""))).not.toMatch(/<a href=(?!https?:|#)\S/);
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

describe("documents of the project", () => {
  const RUNBOOK = "#/docs/runbooks%2Ffailing-now.md";

  test("are links where a text names them by their path, and stay code and addresses elsewhere", () => {
    expect(shown("See docs/alarms.md, **docs/runbooks/failing-now.md** and `docs/alarms.md`.")).toBe(
      `<p>See <a href=#/docs/alarms.md>docs/alarms.md</a>, <strong><a href=${RUNBOOK}>docs/runbooks/failing-now.md</a></strong> and <code>docs/alarms.md</code>.</p>`,
    );
    expect(shown("[docs/alarms.md](https://example.com)")).toBe(
      "<p><a href=https://example.com>docs/alarms.md</a></p>",
    );
  });

  test.each([
    ["monitoring.md", "runbooks/failing-now.md", RUNBOOK],
    ["runbooks/duration.md", "failing-now.md#what-to-do", RUNBOOK],
    ["runbooks/duration.md", "../alarms.md", "#/docs/alarms.md"],
    ["alarms.md", "#states", "#/docs/alarms.md"],
    ["alarms.md", "https://example.com", "https://example.com"],
  ])("in %s a link to %s leads to %s", (path, address, href) => {
    const view = elementText(h(Markdown, { markdown: `[there](${address})`, path }));
    expect(view).toBe(`<div><p><a href=${href}>there</a></p></div>`);
  });

  test.each(["../README.md", "../../etc/passwd", "images/page.png"])(
    "a link to %s, which is no document, is no link",
    (address) => {
      const view = elementText(h(Markdown, { markdown: `[there](${address})`, path: "alarms.md" }));
      expect(view).toBe(`<div><p>[there](${address})</p></div>`);
    },
  );
});
