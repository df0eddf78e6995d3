import { useEffect, useState } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { isQuietMail, mailKinds } from "./mail-facts.ts";

/** The ids of the mails that the reader has read. */
type ReadIds = ReadonlySet<string>;

/**
 * Mails that the reader has not read and should: a confirmation and a first OK ask for nobody's attention.
 */
export function unreadMails(mails: readonly Mail[], read: ReadIds): readonly Mail[] {
  const kinds = mailKinds(mails);
  return mails.filter(({ id }) => !read.has(id) && !isQuietMail(kinds.get(id)));
}

/**
 * What is read once `ids` are too; ids of mails that are gone are forgotten, so that it never grows past the
 * inbox.
 */
export function addReadIds(read: ReadIds, ids: readonly string[], mails: readonly Mail[]): ReadIds {
  const known = new Set(mails.map(({ id }) => id));
  return new Set([...read, ...ids].filter((id) => known.has(id)));
}

/** Text as it is kept. */
export function serializeReadIds(read: ReadIds): string {
  return JSON.stringify([...read]);
}

/** What was kept; nothing when it is none of ours. */
export function parseReadIds(text: string | null): ReadIds {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return new Set(Array.isArray(value) ? value.filter((id) => typeof id === "string") : []);
  } catch {
    return new Set();
  }
}

/** What the reader has not read, and how to say that they have. */
export interface ReadMails {
  /** Ids. */
  readonly unread: ReadonlySet<string>;
  readonly markRead: (ids: readonly string[]) => void;
}

const STORAGE_KEY = "wrist-agent-read-mails";

/**
 * Which mails are unread: kept by the browser across reloads and shared by its tabs, or by this page alone
 * where it may not.
 */
export function useReadMails(mails: readonly Mail[]): ReadMails {
  const [read, setRead] = useState(() => loadReadIds());
  useEffect(() => {
    const follow = (event: StorageEvent): void => {
      if (event.key === STORAGE_KEY) setRead(parseReadIds(event.newValue));
    };
    addEventListener("storage", follow);
    // What another tab marked before this one listened.
    setRead(loadReadIds());
    return () => removeEventListener("storage", follow);
  }, []);
  return {
    unread: new Set(unreadMails(mails, read).map(({ id }) => id)),
    markRead: (ids) => {
      const next = addReadIds(read, ids, mails);
      setRead(next);
      saveReadIds(next);
    },
  };
}

function loadReadIds(): ReadIds {
  try {
    return parseReadIds(localStorage.getItem(STORAGE_KEY));
  } catch {
    // A browser that keeps nothing for this site throws at the mere mention of its storage.
    return new Set();
  }
}

function saveReadIds(read: ReadIds): void {
  try {
    localStorage.setItem(STORAGE_KEY, serializeReadIds(read));
  } catch {
    // Kept by the page alone until it is closed.
  }
}
