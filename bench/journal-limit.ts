import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Journal, JOURNAL_RETENTION, openJournal } from "../local/journal/journal.ts";
import type { JournalEntry } from "../local/journal/journal-entry.ts";
import { parseJournalEntry } from "../local/journal/read-journal-entry.ts";
import { type StartedProcess, startProcess } from "../test/support/started-process.ts";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const PER_SECOND = 10;
const DAY_SECONDS = 86_400;
const RUNS = 5;
const MEGABYTE = 1024 * 1024;

/**
 * What a day of much traffic leaves on disk, and what the start after it takes more than one without a
 * journal.
 */
export const bench: Bench = {
  description: `a day at ${PER_SECOND} requests a second: its journal at most, and the start with it over one without`,
  async run() {
    const directory = await mkdtemp(join(tmpdir(), "wrist-agent-journal-"));
    try {
      const journal = join(directory, "development", "journal.jsonl");
      const template = await requestEntries(directory, journal);
      const full = join(directory, "full.jsonl");
      return [...writeDay(full, template), ...(await compareStarts(directory, { journal, full }))];
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};

interface RequestTemplate {
  readonly lines: readonly string[];
  readonly requestId: string;
  readonly startMs: number;
}

/** What one real request writes down; the first one of a system, whose lines of a cold start are left out. */
async function requestEntries(directory: string, journal: string): Promise<RequestTemplate> {
  const system = await startProcess(directory);
  const { functionUrl, token } = system.ready;
  const response = await fetch(functionUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "x-client-token": token },
    body: JSON.stringify({ text: "water the fern tonight", mode: "reminder" }),
  });
  const requestId = response.headers.get("x-amzn-requestid") ?? "";
  if (response.status !== 200) throw new Error(`the request was answered ${response.status}`);
  await system.end("SIGINT");
  const lines = (await readFile(journal, "utf8")).split("\n").filter((line) => line.includes(requestId));
  const [first] = lines.map(parseJournalEntry);
  if (first === undefined) throw new Error("the request left nothing in the journal");
  return { lines, requestId, startMs: first.atMs };
}

/** The entries of the request as they would be at another time, under another id. */
function entriesAt({ lines, requestId, startMs }: RequestTemplate, atMs: number): readonly JournalEntry[] {
  const id = randomUUID();
  const later = (time: string): string => String(Number(time) - startMs + atMs);
  return lines.flatMap((line) => {
    const moved = line.replaceAll(requestId, id).replaceAll(/(?<=Ms":|Timestamp\\?":)1\d{12}\b/g, later);
    return parseJournalEntry(moved) ?? [];
  });
}

function writeDay(file: string, template: RequestTemplate): readonly Figure[] {
  const endMs = Date.now();
  const startMs = endMs - DAY_SECONDS * 1000;
  const { journal, past } = openJournal({
    file,
    nowMs: startMs,
    retention: JOURNAL_RETENTION,
    apply: () => undefined,
    failed: (cause) => {
      throw cause;
    },
  });
  closeSync(past.descriptor);
  const most = { bytes: 0, appendMs: 0 };
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    if (second % 7200 === 0) process.stderr.write(`hour ${second / 3600} of 24 is written\n`);
    for (let n = 0; n < PER_SECOND; n += 1)
      for (const entry of entriesAt(template, startMs + second * 1000 + n * (1000 / PER_SECOND)))
        appendMeasured(journal, entry, most);
  }
  const last = journal.size;
  journal.close();
  return [
    { name: "journal at most, at any moment", value: most.bytes / MEGABYTE, unit: "MB" },
    { name: "journal at the end of the day", value: last / MEGABYTE, unit: "MB" },
    { name: "longest append, a compaction in it", value: most.appendMs, unit: "ms" },
  ];
}

function appendMeasured(
  journal: Journal,
  entry: JournalEntry,
  most: { bytes: number; appendMs: number },
): void {
  const began = performance.now();
  journal.append(entry);
  most.appendMs = Math.max(most.appendMs, performance.now() - began);
  most.bytes = Math.max(most.bytes, journal.size);
}

interface Start {
  readonly seconds: number;
  /**
   * Of the thread that serves, to ready; what else the machine does is not in it. NaN where it was not
   * measured.
   */
  readonly processorSeconds: number;
  readonly megabytes: number;
}

/** Starts in turn, so that what else a machine does falls on both kinds alike. */
async function compareStarts(
  directory: string,
  { journal, full }: { readonly journal: string; readonly full: string },
): Promise<readonly Figure[]> {
  const starts: Record<"empty" | "full", Start[]> = { empty: [], full: [] };
  for (let run = 0; run < RUNS; run += 1) {
    process.stderr.write(`starts ${run + 1} of ${RUNS}\n`);
    await rm(journal);
    starts.empty.push(await measuredStart(directory));
    await copyFile(full, journal);
    starts.full.push(await measuredStart(directory));
  }
  const [empty, atLimit] = [starts.empty, starts.full];
  const middle = (of: readonly Start[], pick: keyof Start): number => median(of.map((start) => start[pick]));
  const more = (pick: keyof Start): number => middle(atLimit, pick) - middle(empty, pick);
  return [
    { name: "start to ready, without a journal", value: middle(empty, "seconds"), unit: "s" },
    { name: "start to ready, with the day's journal", value: middle(atLimit, "seconds"), unit: "s" },
    { name: "start to ready, more with the journal", value: more("seconds"), unit: "s" },
    { name: "processor time to ready, more with the journal", value: more("processorSeconds"), unit: "s" },
    {
      name: "memory with a dashboard drawn, without a journal",
      value: middle(empty, "megabytes"),
      unit: "MB",
    },
    { name: "memory, more with the journal", value: more("megabytes"), unit: "MB" },
  ];
}

async function measuredStart(directory: string): Promise<Start> {
  const began = performance.now();
  const system = await startProcess(directory, "--assembly", join(directory, "cdk.out"));
  const seconds = (performance.now() - began) / 1000;
  const processorSeconds = await mainThreadSeconds(system.ready.pid);
  const megabytes = await memoryUntilDrawn(system);
  await system.end("SIGINT");
  return { seconds, processorSeconds, megabytes };
}

const SAMPLE_MS = 100;

/** Resident memory at most, from ready until the first dashboard is drawn. */
async function memoryUntilDrawn({ ready }: StartedProcess): Promise<number> {
  const overview = (await (await fetch(`${ready.page}/api/overview`)).json()) as {
    readonly dashboards: readonly string[];
  };
  const name = encodeURIComponent(overview.dashboards[0] ?? "");
  const drawn = fetch(`${ready.page}/api/dashboard?name=${name}&range=86400`).then((response) =>
    response.text(),
  );
  const samples = [residentMegabytes(ready.pid)];
  const timer = setInterval(() => samples.push(residentMegabytes(ready.pid)), SAMPLE_MS);
  await drawn;
  clearInterval(timer);
  return Math.max(...(await Promise.all(samples)), await residentMegabytes(ready.pid));
}

const TICKS_PER_SECOND = 100;

async function mainThreadSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/stat`, "utf8").catch(() => "");
  const [user, system] = (stat.split(") ")[1] ?? "").split(" ").slice(11, 13).map(Number);
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / TICKS_PER_SECOND;
}

async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim()) / 1024;
}
