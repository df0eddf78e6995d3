import { decodeItem, routeHash } from "../state/route.ts";
import { dashboardTitle } from "./text.ts";

/** How long before and after the moment of a mail or a change of state the page shows, milliseconds. */
const BEFORE_MS = 60 * 60_000;
const AFTER_MS = 15 * 60_000;

/** The span around a moment that a reader of its alarm wants to see. */
function spanAround(timeMs: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: timeMs - BEFORE_MS, toMs: timeMs + AFTER_MS };
}

/** Where the requests around a moment are listed, the probe's too: alarms count them. */
export function requestsHref(timeMs: number): string {
  const { fromMs, toMs } = spanAround(timeMs);
  return routeHash({
    section: "requests",
    filter: { from: String(fromMs), to: String(toMs), probe: "shown" },
  });
}

/** Where a dashboard shows the time around a moment. */
function dashboardHref(name: string, timeMs: number): string {
  return routeHash({ section: "dashboards", item: name, span: spanAround(timeMs) });
}

/** Where a document of the project, by its path below docs/, is shown. */
function documentHref(path: string): string {
  return routeHash({ section: "docs", item: path });
}

const CONSOLE =
  /^https:\/\/[\w.-]*console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)\/cloudwatch\//;
const RUNBOOK = /\/(runbooks\/[a-z0-9-]+\.md)(#[\w-]+)?$/;
const DOCUMENT = /^docs\/((?:[a-z0-9-]+\/)?[a-z0-9-]+\.md)(#[\w-]+)?$/;

/** Where this page shows a document of the project; `undefined` for an address of anything else. */
export function localDocumentHref(address: string): string | undefined {
  const path = (DOCUMENT.exec(address) ?? RUNBOOK.exec(address))?.[1];
  return path === undefined ? undefined : documentHref(path);
}

/** Stands for the project's root while an address is resolved. */
const PROJECT = "http://project.invalid/";

/**
 * Where a link of a document leads on this page: another document, or the document itself for a place within
 * it, since the page's hash is the reader's place. `undefined` outside a document, and for what is none.
 */
export function relativeDocumentHref(address: string, from: string | undefined): string | undefined {
  if (from === undefined || !URL.canParse(address, PROJECT)) return undefined;
  const { href } = new URL(address, `${PROJECT}docs/${from}`);
  return href.startsWith(PROJECT) ? localDocumentHref(href.slice(PROJECT.length)) : undefined;
}

/**
 * Where this page shows what an address of the AWS console, or of the project's documents, leads to;
 * `undefined` for any other address. The console's account has nothing of what happens on this machine.
 */
export function localHref(address: string, timeMs: number): string | undefined {
  const document = localDocumentHref(address);
  if (document !== undefined) return document;
  if (!CONSOLE.test(address)) return undefined;
  const place = address.slice(address.indexOf("#") + 1);
  const [, kind, name = ""] = /^(dashboards\/dashboard|alarmsV2:alarm)\/([^?~]+)/.exec(place) ?? [];
  const item = decodeItem(name);
  if (kind !== undefined && item === "") return undefined;
  if (kind === "alarmsV2:alarm") return routeHash({ section: "alarms", item });
  if (kind === "dashboards/dashboard") return dashboardHref(item, timeMs);
  return place.startsWith("logsV2:") ? requestsHref(timeMs) : undefined;
}

/** A link of an alarm's description: what is there, and its place on this page. */
export interface DescribedLink {
  readonly label: string;
  readonly href: string;
}

/** An alarm's description without the links at its end, and where those lead on this page. */
export interface DescribedAlarm {
  readonly text: string;
  readonly links: readonly DescribedLink[];
}

const LINK_LINE = /^(Runbook|Dashboard|Log|Bill): (\S+)$/;

/** Takes the description of an alarm apart; a link that only AWS can follow stays in the text. */
export function describedAlarm(
  description: string,
  { timeMs, stage }: { readonly timeMs: number; readonly stage: string },
): DescribedAlarm {
  const links: DescribedLink[] = [];
  const lines = description.split("\n").filter((line) => {
    const [, label = "", address = ""] = LINK_LINE.exec(line) ?? [];
    const href = label === "" ? undefined : localHref(address, timeMs);
    if (href !== undefined) links.push({ label: linkLabel({ label, address, stage }), href });
    return href === undefined;
  });
  return { text: unwrapped(lines.join("\n").trim()), links };
}

/**
 * A description is wrapped for a mail; here a line ends where a sentence does, or where the next one begins
 * with a label.
 */
function unwrapped(text: string): string {
  return text.replaceAll(/([^\s.!?:])\n(?=[a-z0-9"'(])/g, "$1 ");
}

function linkLabel({ label, address, stage }: { label: string; address: string; stage: string }): string {
  if (label === "Log") return "Requests of that time";
  if (label !== "Dashboard") return label;
  const name = address.slice(address.lastIndexOf("/") + 1);
  return `Dashboard ${dashboardTitle(name, stage)}`;
}
