import { ConfigError } from "../config-error.ts";

/** One `KEY=value` of a stage file and where it stands. */
export interface FileEntry {
  readonly value: string;
  readonly line: number;
}

const ASSIGNMENT = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/** Reads the lines of a stage file: `KEY=value`, `#` comments, optional quotes around a value. */
export function parseStageFile(fileName: string, text: string): ReadonlyMap<string, FileEntry> {
  const entries = new Map<string, FileEntry>();
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) return;
    const [, key, value] = ASSIGNMENT.exec(content) ?? [];
    if (key === undefined || value === undefined)
      throw new ConfigError(`${fileName}:${line}: "${content}" is not KEY=value; comments start with #`);
    const earlier = entries.get(key);
    if (earlier) throw new ConfigError(`${fileName}:${line}: ${key} is already set in line ${earlier.line}`);
    entries.set(key, { value: unquote(withoutComment(value)), line });
  });
  return entries;
}

function withoutComment(value: string): string {
  return /^(["']).*\1/.test(value) ? value : value.replace(/(^|\s)#.*$/, "").trim();
}

function unquote(value: string): string {
  return /^(["'])(.*)\1/.exec(value)?.[2] ?? value;
}
