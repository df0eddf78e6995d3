import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DashboardChange } from "../../server/wire.ts";
import { type DashboardView, readApi } from "./live.ts";

/** Which dashboard a reader looks at, and over which time. */
export interface DashboardChoice {
  readonly name: string;
  /** The dashboard's own when missing. */
  readonly rangeSeconds?: number | undefined;
  /** Now when missing. */
  readonly endMs?: number | undefined;
}

/** A dashboard on its way. */
export interface LoadedDashboard {
  readonly view?: DashboardView;
  readonly error?: string;
  /** Set while another choice is on its way: the view is the one of before. */
  readonly isLoading: boolean;
}

/** The view that a change leads to: what has not changed is the same object as before. */
export function applyChange(
  before: { readonly version: string; readonly view: DashboardView } | undefined,
  change: DashboardChange,
): DashboardView {
  const widgets = change.widgets.flatMap((widget, i) => {
    const kept = widget ?? (change.base === before?.version ? before?.view.widgets[i] : undefined);
    return kept === undefined ? [] : [kept];
  });
  return { ...change.view, widgets };
}

/** Between two refreshes: on a long range a bar takes long to change, and drawing it takes long too. */
export function refreshGapMs(rangeSeconds: number): number {
  return Math.min(10_000, Math.max(2000, rangeSeconds / 2));
}

/** Throws for a span that is none: a chart over one would look for the next tick of its axis for ever. */
export function requireSpan({ startMs, endMs }: Pick<DashboardView, "startMs" | "endMs">): void {
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs <= startMs)
    throw new Error(`the server sent a span of time that is none: ${String(startMs)} to ${String(endMs)}`);
}

interface Kept {
  readonly key: string;
  readonly version: string;
  readonly view: DashboardView;
}

/** A dashboard, read again when `changes` counts on, unless the reader has paused it. */
export function useDashboard(
  choice: DashboardChoice | undefined,
  changes: number,
  isPaused: boolean,
): LoadedDashboard {
  const [loaded, setLoaded] = useState<LoadedDashboard>({ isLoading: true });
  const kept = useRef<Kept>(null);
  const readMs = useRef(0);
  const key = JSON.stringify(choice);
  const current = useRef(key);
  current.current = key;
  // Not after the paint that a choice leads to: the drawing takes longer.
  useLayoutEffect(() => {
    if (choice === undefined) return undefined;
    const isNew = kept.current?.key !== key;
    if (isPaused && !isNew) return undefined;
    if (isNew) setLoaded((before) => ({ ...before, isLoading: true }));
    const show = (next: Kept | { readonly error: string } | undefined): boolean => {
      if (current.current !== key || next === undefined) return false;
      if ("error" in next) setLoaded({ ...next, isLoading: false });
      else {
        kept.current = next;
        setLoaded({ view: next.view, isLoading: false });
      }
      return !("error" in next);
    };
    const read = async (): Promise<void> => {
      readMs.current = performance.now();
      const before = kept.current ?? undefined;
      // The charts first: the log queries take longer than all of them together.
      if (isNew && !show(await readOnce(choice, { before, key, logs: "later" }))) return;
      show(await readOnce(choice, { before: kept.current ?? undefined, key }));
    };
    const gap = isNew ? 0 : readMs.current + gapOf(kept.current?.view) - performance.now();
    if (gap <= 0) {
      void read();
      return undefined;
    }
    const timer = setTimeout(() => void read(), gap);
    return () => clearTimeout(timer);
  }, [key, changes, isPaused]);
  return loaded;
}

function gapOf(view: DashboardView | undefined): number {
  return view === undefined ? 0 : refreshGapMs((view.endMs - view.startMs) / 1000);
}

/** What a page opens on; without a name the first dashboard. */
type FirstChoice = Omit<DashboardChoice, "name"> & { readonly name?: string | undefined };

let ahead: { readonly choice: FirstChoice; readonly change: Promise<DashboardChange> } | undefined;

/** Begins to read what a page opens on, before any of it is drawn: drawing takes as long as the answer. */
export function readAhead(choice: FirstChoice): void {
  const change = readApi("/api/dashboard", queryOf(choice, { logs: "later" }));
  // Whoever looks at it reads again what could not be read, and says why.
  change.catch(() => undefined);
  ahead = { choice, change };
}

/** What was read ahead, once, where it is what is looked at. */
async function takeAhead({
  name,
  rangeSeconds,
  endMs,
}: DashboardChoice): Promise<DashboardChange | undefined> {
  const early = ahead;
  ahead = undefined;
  if (early === undefined) return undefined;
  const { choice } = early;
  if (choice.rangeSeconds !== rangeSeconds || choice.endMs !== endMs) return undefined;
  const change = await early.change.catch(() => undefined);
  return change?.view.name === name ? change : undefined;
}

function queryOf(
  { name, rangeSeconds, endMs }: FirstChoice,
  { base, logs }: { readonly base?: string | undefined; readonly logs?: "later" | undefined },
): string {
  const query = new URLSearchParams();
  if (name !== undefined) query.set("name", name);
  if (rangeSeconds !== undefined) query.set("range", String(rangeSeconds));
  if (endMs !== undefined) query.set("end", String(endMs));
  if (base !== undefined) query.set("base", base);
  if (logs !== undefined) query.set("logs", logs);
  return `?${query.toString()}`;
}

interface Reading {
  readonly before: Kept | undefined;
  readonly key: string;
  readonly logs?: "later";
}

/** Without a connection the last view stays: the top of the page says that it is old. */
async function readOnce(
  choice: DashboardChoice,
  { before, key, logs }: Reading,
): Promise<Kept | { readonly error: string } | undefined> {
  const base = before?.key === key ? before.version : undefined;
  try {
    const change =
      (await takeAhead(choice)) ?? (await readApi("/api/dashboard", queryOf(choice, { base, logs })));
    requireSpan(change.view);
    return { key, version: change.version, view: applyChange(before, change) };
  } catch (cause) {
    return cause instanceof TypeError ? undefined : { error: (cause as Error).message };
  }
}
