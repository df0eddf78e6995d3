import { createHash } from "node:crypto";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { isStage, type Stage } from "../../../lib/config/stage.ts";
import { Failure } from "../../cli/failure.ts";

/** A file of a backup and how to know it again. */
export interface ListedFile {
  /** Within the backup, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a backup comes from. */
export interface BackupOrigin {
  readonly stage: Stage;
  readonly region: string;
  readonly accountId: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** `aws`, or `local` for a system that runs on a laptop. */
  readonly source: "aws" | "local";
}

/** Whether `secrets.json` holds the SecureStrings, they were not wanted, or there were none. */
export type SecretsState = "sealed" | "left out" | "none";

/** `manifest.json`: what the backup is of, and every other file. */
export interface Manifest extends BackupOrigin {
  readonly format: "wrist-agent-backup";
  readonly version: 1;
  /** Version of this program. */
  readonly madeBy: string;
  readonly secrets: SecretsState;
  readonly files: readonly ListedFile[];
}

export const MANIFEST_FILE = "manifest.json";
export const SECRETS_FILE = "secrets.json";
/** What `sha256sum --check` reads. */
export const SUMS_FILE = "SHA256SUMS";

/** The checksum of a file's content, in hex. */
export function sha256Of(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Lines of `sha256sum`, sorted by path. */
export function sumLines(files: readonly ListedFile[]): string {
  return files
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ sha256, path }) => `${sha256}  ${path}\n`)
    .join("");
}

/** What the secrets are bound to: where the backup comes from, and every other file of it. */
export function secretsBound(
  { stage, region, accountId, madeAt }: BackupOrigin,
  files: readonly ListedFile[],
): string {
  const others = files.filter(({ path }) => path !== SECRETS_FILE);
  return [stage, region, accountId, madeAt, sha256Of(sumLines(others))].join(" ");
}

/** Reads a manifest. Throws {@link Failure} for what is none, and for one of a later version. */
export function parseManifest(text: string): Manifest {
  const parsed = parseJsonObject(text);
  if (parsed === undefined || parsed.format !== "wrist-agent-backup")
    throw new Failure(`${MANIFEST_FILE} is not that of a backup: its format is not "wrist-agent-backup"`);
  if (parsed.version !== 1)
    throw new Failure(
      `the backup has version ${JSON.stringify(parsed.version)}, and this program reads 1: use the program that made it (${String(parsed.madeBy)})`,
    );
  const fault = manifestFault(parsed);
  if (fault !== undefined) throw new Failure(`${MANIFEST_FILE} is damaged: ${fault}`);
  return parsed as unknown as Manifest;
}

function manifestFault(parsed: Readonly<Record<string, unknown>>): string | undefined {
  const texts = ["stage", "region", "accountId", "madeAt", "madeBy", "source", "secrets"] as const;
  const missing = texts.find((name) => typeof parsed[name] !== "string");
  if (missing !== undefined) return `${missing} is no text`;
  if (!isStage(parsed.stage as string)) return `stage ${JSON.stringify(parsed.stage)} is none`;
  if (!Array.isArray(parsed.files)) return "files is no list";
  const bad = (parsed.files as unknown[]).find((file) => !isListedFile(file));
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no file of a backup`;
}

/** A path out of the backup would read, or reveal, somebody else's file. */
function isListedFile(file: unknown): file is ListedFile {
  if (!isJsonObject(file)) return false;
  const { path, bytes, sha256 } = file;
  const isInside = typeof path === "string" && /^[\w.-]+(\/[\w.-]+)*$/.test(path);
  return (
    isInside &&
    path.split("/").every((part) => !/^\.+$/.test(part)) &&
    typeof bytes === "number" &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}
