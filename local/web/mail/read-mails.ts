import type { Mail } from "../../server/wire.ts";

/** The ids of the mails that the reader has read. */
export type ReadIds = ReadonlySet<string>;

/** Mails that the reader has not read. */
export function unreadMails(mails: readonly Mail[], read: ReadIds): readonly Mail[] {
  return mails.filter(({ id }) => !read.has(id));
}

/** What is read once `ids` are too; ids of mails that are gone are forgotten, so that it never grows past the inbox. */
export function withRead(read: ReadIds, ids: readonly string[], mails: readonly Mail[]): ReadIds {
  const known = new Set(mails.map(({ id }) => id));
  return new Set([...read, ...ids].filter((id) => known.has(id)));
}

/** Text as it is kept. */
export function writeReadIds(read: ReadIds): string {
  return JSON.stringify([...read]);
}

/** What was kept; nothing when it is none of ours. */
export function readReadIds(text: string | null): ReadIds {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return new Set(Array.isArray(value) ? value.filter((id) => typeof id === "string") : []);
  } catch {
    return new Set();
  }
}
