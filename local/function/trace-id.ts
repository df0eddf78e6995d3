import { randomBytes } from "node:crypto";

/** A trace header that says "not sampled": the local runtime keeps no traces. */
export function newTraceId(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0");
  const parent = randomBytes(8).toString("hex");
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${parent};Sampled=0`;
}
