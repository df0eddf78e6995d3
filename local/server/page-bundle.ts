import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A file of the page as the browser gets it. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
  readonly etag: string;
}

/** The page's files by path. */
export type PageFiles = Readonly<Record<string, PageFile>>;

const WEB = fileURLToPath(new URL("../web/", import.meta.url));
let cached: Promise<PageFiles> | undefined;

/** The page's files, bundled in memory on first use and kept for the life of the process. */
export function pageFiles(): Promise<PageFiles> {
  cached ??= bundle();
  return cached;
}

async function bundle(): Promise<PageFiles> {
  const [html, outputs] = await Promise.all([readFile(`${WEB}page.html`), bundleScriptAndStyle()]);
  const output = (ending: string): Buffer =>
    Buffer.from(outputs.find((file) => file.path.endsWith(ending))?.contents ?? []);
  return {
    "/": pageFile("text/html; charset=utf-8", html),
    "/main.js": pageFile("text/javascript; charset=utf-8", output(".js")),
    "/page.css": pageFile("text/css; charset=utf-8", output(".css")),
  };
}

async function bundleScriptAndStyle(): Promise<
  readonly { readonly path: string; readonly contents: Uint8Array }[]
> {
  const result = await build({
    absWorkingDir: WEB,
    entryPoints: ["main.ts", "page.css"],
    outdir: WEB,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022"],
    legalComments: "none",
    logLevel: "silent",
  });
  return result.outputFiles;
}

function pageFile(contentType: string, body: Buffer): PageFile {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { contentType, body, etag };
}
