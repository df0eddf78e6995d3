import { useEffect, useState } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { readReadIds, unreadMails, withRead, writeReadIds, type ReadIds } from "./read-mails.ts";

/** What the reader has not read, and how to say that they have. */
export interface ReadMails {
  /** Ids. */
  readonly unread: ReadonlySet<string>;
  readonly markRead: (ids: readonly string[]) => void;
}

const KEY = "wrist-agent-read-mails";

/** Which mails are unread: kept by the browser across reloads and shared by its tabs, or by this page alone where it may not. */
export function useReadMails(mails: readonly Mail[]): ReadMails {
  const [read, setRead] = useState(() => load());
  useEffect(() => {
    const follow = (event: StorageEvent): void => {
      if (event.key === KEY) setRead(readReadIds(event.newValue));
    };
    addEventListener("storage", follow);
    return () => removeEventListener("storage", follow);
  }, []);
  return {
    unread: new Set(unreadMails(mails, read).map(({ id }) => id)),
    markRead: (ids) => {
      const next = withRead(read, ids, mails);
      setRead(next);
      save(next);
    },
  };
}

function load(): ReadIds {
  try {
    return readReadIds(localStorage.getItem(KEY));
  } catch {
    // A browser that keeps nothing for this site throws at the mere mention of its storage.
    return new Set();
  }
}

function save(read: ReadIds): void {
  try {
    localStorage.setItem(KEY, writeReadIds(read));
  } catch {
    // Kept by the page alone until it is closed.
  }
}
