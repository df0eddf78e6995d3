import type { StateSentence } from "./alarms/state-sentence.ts";

type Level = StateSentence["level"];

/** What the browser's tab tells. */
export interface Tab {
  readonly level: Level;
  readonly stage: string;
  /** Unread mails. */
  readonly unread: number;
}

/** `(2) ALARM · Wrist Agent production`: unread mails, the worst, and which system it is. */
export function tabTitle({ level, stage, unread }: Tab): string {
  const count = unread > 0 ? `(${unread}) ` : "";
  return `${count}${level === "alarm" ? "ALARM · " : ""}Wrist Agent ${stage}`.trim();
}

const COLORS: Readonly<Record<Level, string>> = { ok: "2c9c6a", alarm: "d62728", unsure: "d9a02b" };

/** A disc in the colour of the level, as an address that the tab takes for its icon. */
export function tabIcon(level: Level): string {
  const disc = `<circle cx="8" cy="8" r="7" fill="%23${COLORS[level]}"/>`;
  return `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${disc}</svg>`;
}
