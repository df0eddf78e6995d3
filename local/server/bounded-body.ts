import type { Readable } from "node:stream";

/** The whole body, or the word that it is longer than allowed. */
export type BoundedBody = { readonly kind: "body"; readonly bytes: Buffer } | { readonly kind: "too-large" };

const DISCARD_LIMIT_MS = 10_000;

/** A request whose body is read, whichever HTTP version it came by. */
export type BodyStream = Readable & { readonly headers: { readonly "content-length"?: string | undefined } };

/** True when the announced length alone exceeds `limitBytes`. */
export function announcesTooLargeBody(request: BodyStream, limitBytes: number): boolean {
  return Number(request.headers["content-length"] ?? 0) > limitBytes;
}

/** Reads a body of at most `limitBytes`; of a longer one nothing is kept. */
export function readBody(request: BodyStream, limitBytes: number): Promise<BoundedBody> {
  if (announcesTooLargeBody(request, limitBytes)) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= limitBytes) return void chunks.push(chunk);
      chunks = [];
      request.off("data", onData);
      request.pause();
      resolve({ kind: "too-large" });
    };
    request.on("data", onData);
    request.once("end", () => resolve({ kind: "body", bytes: Buffer.concat(chunks) }));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the caller went away before the request was complete")));
  });
}

/** Lets the caller finish sending, so that it gets to read the refusal, and keeps none of it. */
export function discardBody(request: Readable): void {
  const giveUp = setTimeout(() => request.destroy(), DISCARD_LIMIT_MS);
  request.once("close", () => clearTimeout(giveUp));
  request.once("error", () => clearTimeout(giveUp));
  request.resume();
}
