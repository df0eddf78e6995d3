import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import { Failure, UsageError } from "../cli/failure.ts";
import { knownPassphrase, type PassphraseSources } from "../cli/passphrase.ts";
import { contextOption } from "../cli/stage-templates.ts";
import { addTargetOptions, resolveTarget, type Target, type TargetOptions } from "../cli/target.ts";
import { type AskOperator, askAtTerminal, type Terminal } from "../cli/terminal.ts";
import { BILLING_STACK, namesOf } from "../../lib/names.ts";
import { type BackupAround, processAround, stageFileText } from "./backup.ts";
import { backupObject, type ReadBackup, readBackup } from "./backup/backup-directory.ts";
import { MANIFEST_FILE, SECRETS_FILE, secretsBound, sha256Of } from "./backup/manifest.ts";
import { restoreAws } from "./backup/restore-aws.ts";
import { type StageToRestore, stageToRestore } from "./backup/restore-plan.ts";
import {
  RestoreJournal,
  type RestoreOptions,
  type RestorePorts,
  type RestoreResult,
} from "./backup/restore-ports.ts";
import { restoreLines, runRestore } from "./backup/run-restore.ts";
import { openSecrets } from "./backup/sealed-secrets.ts";
import { parseSecrets, type SecretParameter } from "./backup/stage-content.ts";
import { askUrl, deployPorts } from "./deploy.ts";
import { runDeploy } from "./deploy/run-deploy.ts";

const RESTORE_EXAMPLES = `
It says what it will do and asks. If it is interrupted, the same command continues where it stopped.

Examples:
  npm run cli -- restore ~/backups/production-2026-11-29 --region eu-west-1 --dry-run
  npm run cli -- restore ~/backups/production-2026-11-29 --region eu-west-1 -c alarmEmail=you@example.com
  npm run cli -- restore /tmp/laptop --local --without-secrets

Exits 0 when the stage is there and answers, 1 when it is not, 2 on wrong usage. docs/backup.md has the rest.`;

interface ParsedOptions extends TargetOptions, RestoreOptions {
  readonly passphraseFile?: string;
  readonly withoutSecrets?: true;
  readonly json?: true;
}

/** The person, the shell, time, and what deploys; tests play them. */
export interface RestoreAround extends BackupAround {
  readonly ask: AskOperator | undefined;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** What deploys and asks the URL; the real ones when missing. */
  readonly ports?: Pick<RestorePorts, "deploy" | "askUrl">;
}

/** `restore`: a stage from its backup, in its Region or another one, or into the system that runs here. */
export function restoreCommand(terminal: Terminal, around: RestoreAround = terminalAround()): Command {
  return addTargetOptions(new Command("restore").argument("<dir>", "a directory that backup made"))
    .description("bring a stage back from its backup: in its Region, in another one, or on this machine")
    .addOption(contextOption())
    .option("--passphrase-file <file>", "read the passphrase of the secrets from this file")
    .option("--without-secrets", "leave the SecureStrings as they are, or to the deploy")
    .option("--replace-secrets", "overwrite SecureStrings that exist with the backup's")
    .option("--into-account <id>", "restore into this account, which is not the backup's")
    .option("--dry-run", "say what would be done and stop")
    .option("--yes", "do not ask; needed where there is no terminal")
    .option("--json", "print one JSON line with what was done; everything else goes to stderr")
    .addHelpText("after", RESTORE_EXAMPLES)
    .action(async (directory: string, options: ParsedOptions) => {
      await restore({ terminal, around, directory, options });
    });
}

function terminalAround(): RestoreAround {
  const wait: RestoreAround["wait"] = (milliseconds, signal) =>
    setTimeout(milliseconds, undefined, { signal });
  return { ...processAround(), ask: askAtTerminal(), wait };
}

interface RestoreWork {
  readonly terminal: Terminal;
  readonly around: RestoreAround;
  readonly directory: string;
  readonly options: ParsedOptions;
}

async function restore(work: RestoreWork): Promise<void> {
  const { terminal, around, directory, options } = work;
  if (options.yes !== true && options.dryRun !== true && around.ask === undefined)
    throw new UsageError(
      "this is not a terminal, so it cannot ask: pass --yes, or --dry-run to see what would be done",
    );
  const backup = await terminal.progress(`checking ${directory}`, readBackup(directory));
  const target = await backupTarget(work, backup);
  const stage = stageToRestore(backup, await openedSecrets(work, backup));
  const stopping = new AbortController();
  const ignore = around.onInterrupt(() => stopping.abort());
  try {
    const result = await runRestore(
      await restoreOf(work, { backup, target, stage, signal: stopping.signal }),
    );
    printRestore(work, result, target);
  } finally {
    ignore();
  }
}

/** The backup says which stage it is of, and its Region where none is given. */
async function backupTarget({ options, directory }: RestoreWork, { manifest }: ReadBackup): Promise<Target> {
  const { stage, region } = manifest;
  if (options.stage !== undefined && options.stage !== stage)
    throw new UsageError(`${directory} is a backup of ${stage}, not of ${options.stage}`);
  try {
    return await resolveTarget({ ...options, stage, region: options.region ?? region });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${directory} is a backup of ${stage}: ${error.message}`, { cause: error });
  }
}

/** Before anything is asked of AWS: a wrong passphrase must not be found out half-way. */
async function openedSecrets(work: RestoreWork, backup: ReadBackup): Promise<readonly SecretParameter[]> {
  const { terminal, around, options } = work;
  const { manifest } = backup;
  if (manifest.secrets !== "sealed" || options.withoutSecrets === true) return [];
  const sources: PassphraseSources = {
    file: options.passphraseFile,
    environment: around.environment,
    ask: around.askSecret,
    warn: (line) => terminal.err(terminal.colours.yellow(line)),
  };
  const passphrase = await knownPassphrase(sources, ", or leave them out with --without-secrets");
  const opening = openSecrets(
    backupObject(backup, SECRETS_FILE),
    passphrase,
    secretsBound(manifest, manifest.files),
  );
  return parseSecrets(await terminal.progress("opening the secrets", opening));
}

interface Prepared {
  readonly backup: ReadBackup;
  readonly target: Target;
  readonly stage: StageToRestore;
  readonly signal: AbortSignal;
}

async function restoreOf(work: RestoreWork, { backup, target, stage, signal }: Prepared) {
  const { terminal, around, directory, options } = work;
  const say = options.json === true ? terminal.err : terminal.out;
  const identity = sha256Of(backup.files[MANIFEST_FILE] ?? "");
  const region = target.client.region ?? stage.manifest.region;
  const billing = stage.stackNames.includes(BILLING_STACK) ? "watched" : "not watched";
  const acting = around.ports ?? processPorts(work, target);
  return {
    terminal,
    directory,
    target,
    stage,
    options,
    ports: { ...restoreAws({ target, region, billing }), ...acting },
    journal: (accountId: string, place: string) =>
      RestoreJournal.open(
        directory,
        { backup: identity, stage: target.stage, accountId, region: place },
        around.now,
      ),
    stageFileHere: await stageFileText(target.stage),
    ask: around.ask,
    wait: around.wait,
    signal,
    say,
    again: againCommand(work, target, region),
  };
}

/** `deploy` itself, which checks the account and the model, and its question to the URL. */
function processPorts(
  { terminal, options }: RestoreWork,
  target: Target,
): Pick<RestorePorts, "deploy" | "askUrl"> {
  // What is printed for a script is the restore's own line.
  const shown = options.json === true ? { ...terminal, out: terminal.err } : terminal;
  return {
    deploy: (part, context) =>
      runDeploy(shown, deployPorts(shown, { ...(options.json && { json: true }) }), {
        stage: target.stage,
        only: [part],
        context,
        yes: true,
        // The restore compares with its backup, once everything is there.
        verify: false,
      }),
    askUrl: (url) => askUrl(target, url, namesOf(target.stage).tokenParameter),
  };
}

function againCommand({ directory, options }: RestoreWork, { isLocal }: Target, region: string): string {
  const words = [
    ...(isLocal ? ["--local"] : ["--region", region]),
    ...Object.entries(options.context).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ...(options.withoutSecrets === true ? ["--without-secrets"] : []),
    ...(options.replaceSecrets === true ? ["--replace-secrets"] : []),
    ...(options.intoAccount === undefined ? [] : ["--into-account", options.intoAccount]),
  ];
  return ["npm run cli -- restore", directory, ...words].join(" ");
}

function printRestore({ terminal, options }: RestoreWork, result: RestoreResult, target: Target): void {
  if (options.json === true) terminal.out(JSON.stringify(result));
  if (result.did === "nothing") return;
  if (options.json !== true) {
    terminal.out(terminal.colours.green(`\n${target.where}: ${result.stage} is there again`));
    restoreLines(result, target).forEach((line) => terminal.out(`  ${line}`));
  }
  if (result.missing.length > 0)
    throw new Failure(
      `the stage answers, but not everything of the backup is there: ${result.missing.join("; ")}`,
    );
}
