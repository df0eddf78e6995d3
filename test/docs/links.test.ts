import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT } from "../support/synthesise.ts";
import { documentOf, documentsIn, NOT_OURS, type Document } from "../support/markdown.ts";

/** What a project holds, as far as a document can point at it. */
interface Project {
  readonly documents: readonly Document[];
  /** Whether there is a file or folder, by its path from the root. */
  readonly has: (path: string) => boolean;
  /** Folders at the root: a path in code is of this project when it begins with one. */
  readonly folders: ReadonlySet<string>;
}

const LEAVES = /^([a-z][a-z0-9+.-]*:|\/\/)/i;

/** Links that lead nowhere, as `file:line target`. */
function deadLinks({ documents, has }: Project): readonly string[] {
  const byPath = new Map(documents.map((each) => [each.path, each]));
  return documents.flatMap((document) =>
    document.links
      .filter(({ target }) => !LEAVES.test(target))
      .filter(({ target }) => {
        const [path = "", anchor] = target.split("#").map(decodeURIComponent);
        const whole = path === "" ? document.path : join(dirname(document.path), path);
        return !has(whole) || (anchor !== undefined && byPath.get(whole)?.anchors.has(anchor) !== true);
      })
      .map(({ target, line }) => `${document.path}:${line} ${target}`),
  );
}

/** A word that is nothing but a path; a star stands for any name, so what is before it must be there. */
const PATH = /^[\w.@-]+(\/[\w.@*-]+)+\/?$/;

/** Paths in code that begin with a folder of the project and are not there. */
function deadPaths({ documents, has, folders }: Project): readonly string[] {
  return documents.flatMap(({ path, code }) =>
    code.flatMap(({ text, line }) =>
      text
        .split(/[\s"'=,;:]+/)
        .filter((word) => PATH.test(word) && folders.has(word.split("/")[0] ?? ""))
        .filter((word) => !has(word.replace(/\/[^/]*\*.*$/, "")))
        .map((word) => `${path}:${line} ${word}`),
    ),
  );
}

function thisProject(): Project {
  const entries = readdirSync(PROJECT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return {
    documents: documentsIn(PROJECT),
    has: (path) => existsSync(join(PROJECT, path)),
    folders: new Set(entries.map(({ name }) => name).filter((name) => !NOT_OURS.has(name))),
  };
}

/** A project of one document in docs/, beside `lib/app.ts` and a document with one heading. */
function project(text: string): Project {
  const paths = new Set(["docs", "docs/page.md", "docs/other.md", "lib", "lib/app.ts"]);
  return {
    documents: [documentOf("docs/page.md", text), documentOf("docs/other.md", "# Why so: `A` and b_c?")],
    has: (path) => paths.has(path.replace(/\/$/, "")),
    folders: new Set(["docs", "lib"]),
  };
}

describe("the documents of this project", () => {
  const all = thisProject();

  test("are found, the ones in folders too", () => {
    const paths = all.documents.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["README.md", "docs/alarms.md", "docs/runbooks/failing-now.md"]),
    );
  });

  test("link to files and headings that are there", () => {
    expect(deadLinks(all)).toEqual([]);
  });

  test("name no file or folder of the project that is not there", () => {
    expect(deadPaths(all)).toEqual([]);
  });
});

describe("a dead link", () => {
  test.each([
    ["a file that is missing", "See [it](gone.md).", "docs/page.md:1 gone.md"],
    ["a heading that is missing", "\n[it](other.md#gone)", "docs/page.md:2 other.md#gone"],
    ["a heading of its own that is missing", "# Here\n[it](#there)", "docs/page.md:2 #there"],
    ["a picture that is missing", "![it](images/gone.png)", "docs/page.md:1 images/gone.png"],
    ["a reference that is missing", "[it]: ../gone.md", "docs/page.md:1 ../gone.md"],
    ["an anchor into a file without headings", "[it](../lib/app.ts#L3)", "docs/page.md:1 ../lib/app.ts#L3"],
  ])("is %s", (_, text, expected) => {
    expect(deadLinks(project(text))).toEqual([expected]);
  });

  test.each([
    ["a file", "[it](other.md) and [up](../lib/app.ts)"],
    ["a heading by GitHub's name for it", "[it](other.md#why-so-a-and-b_c)"],
    ["the second heading of a name", "# Twice\n# Twice\n[it](#twice-1)"],
    ["another site", "[it](https://example.com/gone.md#gone) <https://example.com>"],
    ["what stands in code", "`[it](gone.md)`\n\n```\n[it](gone.md)\n```"],
    ["what stands in a comment", "<!-- [it](gone.md)\n[it](gone.md) -->"],
  ])("is not %s", (_, text) => {
    expect(deadLinks(project(text))).toEqual([]);
  });
});

describe("a dead path", () => {
  test.each([
    ["a span", "The file `lib/gone.ts` is it.", "docs/page.md:1 lib/gone.ts"],
    ["a folder", "All of `lib/gone`", "docs/page.md:1 lib/gone"],
    ["a command in a span", "Run `npx vitest run lib/gone.ts -u`", "docs/page.md:1 lib/gone.ts"],
    ["a block", "\n```sh\ncat lib/gone.ts\n```", "docs/page.md:3 lib/gone.ts"],
    ["a pattern below a missing folder", "`lib/gone/*.ts`", "docs/page.md:1 lib/gone/*.ts"],
  ])("is found in %s", (_, text, expected) => {
    expect(deadPaths(project(text))).toEqual([expected]);
  });

  test.each([
    ["a file that is there", "`lib/app.ts`, `docs/`, `lib/*.ts`"],
    ["a path of something else", "`AWS/Lambda`, `~/lib/gone.ts`, `/wrist-agent/x`, `a/b.ts`"],
    ["prose", "lib/gone.ts"],
  ])("is not %s", (_, text) => {
    expect(deadPaths(project(text))).toEqual([]);
  });
});
