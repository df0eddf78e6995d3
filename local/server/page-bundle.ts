import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "esbuild";

/** A file of the page as the browser gets it. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
  /** The body by content encoding. */
  readonly packed: Readonly<Record<(typeof PACKED_ENCODINGS)[number], Buffer>>;
  readonly etag: string;
}

/** The encodings in which files are kept, the smallest first. */
export const PACKED_ENCODINGS = ["br", "gzip"] as const;

/** The page's files by path. */
export type PageFiles = Readonly<Record<string, PageFile>>;

const WEB = fileURLToPath(new URL("../web/", import.meta.url));
let cached: Promise<PageFiles> | undefined;

/** The page's files, bundled in memory on first use and kept for the life of the process. */
export function pageFiles(): Promise<PageFiles> {
  cached ??= bundle().catch((error: unknown) => {
    cached = undefined;
    throw error;
  });
  return cached;
}

async function bundle(): Promise<PageFiles> {
  const [html, outputs] = await Promise.all([readFile(`${WEB}page.html`), bundleScriptAndStyle()]);
  const output = (ending: string): Buffer =>
    Buffer.from(outputs.find((file) => file.path.endsWith(ending))?.contents ?? []);
  const [page, script, style] = await Promise.all([
    pageFile("text/html; charset=utf-8", html),
    pageFile("text/javascript; charset=utf-8", output(".js")),
    pageFile("text/css; charset=utf-8", output(".css")),
  ]);
  return { "/": page, "/main.js": script, "/page.css": style };
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

/** The best one takes ten times as long at a start and saves a kilobyte. */
const BROTLI_QUALITY = 9;

async function pageFile(contentType: string, body: Buffer): Promise<PageFile> {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    promisify(gzip)(body),
  ]);
  return { contentType, body, packed: { br, gzip: gz }, etag };
}
