import type { Mail } from "../server/wire.ts";

/** Mails kept for the page; older ones stay in the journal only. */
const MOST_MAILS = 1000;

/** The local inbox: every mail that SNS would have sent. */
export class Inbox {
  #mails: Mail[] = [];

  deliver(mail: Mail): void {
    this.#mails.push(mail);
    if (this.#mails.length > MOST_MAILS) this.#mails = this.#mails.slice(-MOST_MAILS);
  }

  /** Newest first. */
  mails(): readonly Mail[] {
    return this.#mails.toReversed();
  }
}
