import { Failure, UsageError } from "../../failure.ts";
import { choose, type Choice } from "./choice.ts";
import type { RollbackAws, Surroundings } from "./edges.ts";
import { listJson, listLines } from "./list-lines.ts";
import { moveTo } from "./move-alias.ts";
import type { PublishedVersion, Serving, VersionState } from "./serving.ts";
import type { Did, Rollback, RollbackOptions } from "./rollback.ts";
import { takeBack } from "./take-back.ts";

/** Refuses before anything is asked of AWS where nobody could answer the question. */
export function refuseUnasked({ list, yes, dryRun }: RollbackOptions, { ask }: Surroundings): void {
  if (list === true || yes === true || dryRun === true || ask !== undefined) return;
  throw new UsageError(
    "nobody can be asked here, as this is no terminal: pass --yes, or --dry-run to see what would change",
  );
}

/** Reads what serves, and lists it or goes back. */
export async function runRollback(work: Omit<Rollback, "signal" | "say">): Promise<void> {
  const stopping = new AbortController();
  const ignore = work.around.onInterrupt(() => stopping.abort());
  const say = work.options.json === true ? work.terminal.err : work.terminal.out;
  const rollback: Rollback = { ...work, say, signal: stopping.signal };
  try {
    if (work.options.list === true) await list(rollback);
    else await goBack(rollback);
  } finally {
    ignore();
    work.aws.close();
  }
}

async function list(rollback: Rollback): Promise<void> {
  const { terminal, target, options } = rollback;
  const found = await terminal.progress("reading the versions", withStates(rollback, await read(rollback)));
  if (options.json === true) terminal.out(JSON.stringify(listJson(target.stage, found)));
  else listLines(terminal, target.where, found).forEach(terminal.out);
}

async function read({ terminal, aws, signal }: Rollback): Promise<Serving> {
  const serving = await terminal.progress("reading the versions", aws.read(signal));
  serving.unasked.forEach((reason) => terminal.err(terminal.colours.yellow(reason)));
  return serving;
}

const ASKED_AT_ONCE = 10;

/** Lambda tells the state of one version at a time, and takes few questions a second. */
async function withStates({ aws, signal }: Rollback, serving: Serving): Promise<Serving> {
  const versions: PublishedVersion[] = [];
  for (let from = 0; from < serving.versions.length; from += ASKED_AT_ONCE) {
    const some = serving.versions.slice(from, from + ASKED_AT_ONCE);
    versions.push(...(await Promise.all(some.map((each) => withState(each, aws.stateOf, signal)))));
  }
  return { ...serving, versions };
}

async function withState(
  version: PublishedVersion,
  stateOf: RollbackAws["stateOf"],
  signal: AbortSignal,
): Promise<PublishedVersion> {
  if (version.state !== undefined) return version;
  const state = await stateOf(version.version, signal);
  return state === undefined ? version : { ...version, state };
}

async function goBack(rollback: Rollback): Promise<void> {
  const { serving, choice } = await decided(rollback, await read(rollback));
  if (choice.kind === "refused") throw new Failure(`${rollback.target.where}: ${choice.reason}`);
  const did =
    choice.kind === "move"
      ? await moveTo(rollback, serving, choice)
      : await takeBack(rollback, serving, choice);
  if (rollback.options.json === true) rollback.terminal.out(jsonLine(rollback, serving, did));
}

/** Asks the state of a version only once it is about to be chosen: of fifty, one matters. */
async function decided(
  rollback: Rollback,
  serving: Serving,
): Promise<{ readonly serving: Serving; readonly choice: Choice }> {
  const choice = choose(serving, rollback.options.to);
  if (choice.kind !== "move" || choice.to.state !== undefined) return { serving, choice };
  const state = await rollback.aws.stateOf(choice.to.version, rollback.signal);
  if (state === undefined) return { serving, choice };
  return decided(rollback, stated(serving, choice.to.version, state));
}

function stated(serving: Serving, version: string, state: VersionState): Serving {
  const versions = serving.versions.map((each) => (each.version === version ? { ...each, state } : each));
  return { ...serving, versions };
}

function jsonLine({ target }: Rollback, { region, functionName }: Serving, did: Did): string {
  return JSON.stringify({ stage: target.stage, region, function: functionName, ...did });
}
