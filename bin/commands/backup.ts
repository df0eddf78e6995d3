import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import project from "../../package.json" with { type: "json" };
import { settingsStage, type Stage } from "../../lib/config/stage.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import {
  askSecretAtTerminal,
  givenPassphrase,
  newPassphrase,
  type PassphraseSources,
} from "../cli/passphrase.ts";
import { addTargetOptions, resolveTarget, type Target, type TargetOptions } from "../cli/target.ts";
import { onInterrupt, type OnInterrupt, type Terminal } from "../cli/terminal.ts";
import {
  backupObject,
  checkBackup,
  type ReadBackup,
  requireNewDirectory,
  writeBackup,
} from "./backup/backup-directory.ts";
import { type Manifest, SECRETS_FILE, secretsBound, type SecretsState } from "./backup/manifest.ts";
import { readStage } from "./backup/read-stage.ts";
import { MIN_PASSPHRASE_CHARACTERS, openSecrets } from "./backup/sealed-secrets.ts";
import { backupFiles, secretsText, type StageContent } from "./backup/stage-content.ts";
import { rollbackAws } from "./rollback/rollback-aws.ts";

const BACKUP_EXAMPLES = `
SecureStrings are kept under a passphrase only: asked for, or from --passphrase-file or WRIST_AGENT_BACKUP_PASSPHRASE.

Examples:
  npm run cli -- backup ~/backups/production-2026-11-29 --stage production --region us-west-2
  npm run cli -- backup /tmp/laptop --local --without-secrets
  npm run cli -- backup --check ~/backups/production-2026-11-29

Exits 0 when the backup is whole, 1 when it is not, 2 on wrong usage. docs/backup.md has the format.`;

interface BackupOptions extends TargetOptions {
  readonly check?: true;
  readonly passphraseFile?: string;
  readonly withoutSecrets?: true;
  readonly json?: true;
}

/** The person, the shell and time; tests play them. */
export interface BackupAround {
  readonly askSecret: PassphraseSources["ask"];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onInterrupt: OnInterrupt;
  readonly now: () => Date;
}

/** The process's own surroundings. */
export function processAround(): BackupAround {
  return {
    askSecret: askSecretAtTerminal(),
    environment: process.env,
    onInterrupt,
    now: () => new Date(),
  };
}

/** `backup`: everything of a stage that another Region, or another account, would need to have it again. */
export function backupCommand(terminal: Terminal, around: BackupAround = processAround()): Command {
  return addTargetOptions(new Command("backup").argument("<dir>", "a new directory; with --check a backup"))
    .description("save everything of a stage to a directory, or check such a backup")
    .addOption(new Option("--check", "compare every file with its checksum, and change nothing"))
    .option("--passphrase-file <file>", "read the passphrase of the secrets from this file")
    .addOption(
      new Option("--without-secrets", "leave the SecureStrings out").conflicts(["passphraseFile", "check"]),
    )
    .option("--json", "print one JSON line with what was done; everything else goes to stderr")
    .addHelpText("after", BACKUP_EXAMPLES)
    .action(async (directory: string, options: BackupOptions) => {
      const work = { terminal, around, options, directory };
      if (options.check === true) await printCheck(work);
      else await makeBackup(work);
    });
}

interface BackupWork {
  readonly terminal: Terminal;
  readonly around: BackupAround;
  readonly options: BackupOptions;
  readonly directory: string;
}

async function makeBackup(work: BackupWork): Promise<void> {
  const { terminal, around, options, directory } = work;
  await requireNewDirectory(directory);
  const target = await resolveTarget(options);
  const passphrase = options.withoutSecrets === true ? undefined : await wantedPassphrase(work);
  const stopping = new AbortController();
  const ignore = around.onInterrupt(() => stopping.abort());
  try {
    const content = await terminal.progress(`reading ${target.where}`, (show) =>
      readWhole(target, show, stopping.signal),
    );
    const manifest = await terminal.progress(
      `writing ${directory}`,
      writeBackup(directory, newBackup(work, { target, content, passphrase }), stopping.signal),
    );
    printBackup(work, content, manifest);
  } finally {
    ignore();
  }
}

async function wantedPassphrase(work: BackupWork): Promise<string> {
  const passphrase = await newPassphrase(
    passphraseSources(work),
    ", or leave them out with --without-secrets",
  );
  if (passphrase.length >= MIN_PASSPHRASE_CHARACTERS) return passphrase;
  throw new UsageError(
    `the passphrase has ${passphrase.length} characters: take ${MIN_PASSPHRASE_CHARACTERS} or more, such as four words`,
  );
}

function passphraseSources({ terminal, around, options }: BackupWork): PassphraseSources {
  return {
    file: options.passphraseFile,
    environment: around.environment,
    ask: around.askSecret,
    warn: (line) => terminal.err(terminal.colours.yellow(line)),
  };
}

/** Reading changes nothing, so an interrupt takes effect between two questions to AWS. */
async function readWhole(
  target: Target,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<StageContent> {
  const step = (text: string): void => {
    if (signal.aborted) throw new Failure("interrupted: nothing was written");
    show(text);
  };
  const content = await readStage(target, step);
  step("reading the versions of the agent");
  const aws = await rollbackAws(target);
  try {
    const { functionName, alias, versions } = await aws.read(signal);
    const stageFile = await stageFileText(target.stage);
    return {
      ...content,
      agent: { functionName, alias, versions },
      ...(stageFile !== undefined && { stageFile }),
    };
  } finally {
    aws.close();
  }
}

const PROJECT = join(import.meta.dirname, "..", "..");

/** The stage's file of this checkout; nothing where there is none. */
export function stageFileText(stage: Stage): Promise<string | undefined> {
  return readFile(join(PROJECT, `.env.${settingsStage(stage)}`), "utf8").catch(() => undefined);
}

interface Gathered {
  readonly target: Target;
  readonly content: StageContent;
  /** Missing where the secrets are left out. */
  readonly passphrase: string | undefined;
}

function newBackup({ around }: BackupWork, { target, content, passphrase }: Gathered) {
  const { secrets, region, accountId } = content;
  const isSealed = passphrase !== undefined && secrets.length > 0;
  const source: "aws" | "local" = target.isLocal ? "local" : "aws";
  return {
    origin: { stage: target.stage, region, accountId, madeAt: around.now().toISOString(), source },
    files: backupFiles(content),
    ...(isSealed && { secrets: { text: secretsText(secrets), passphrase } }),
    secretsState: secretsState(secrets.length, passphrase),
    madeBy: `wrist-agent ${project.version}`,
  };
}

function secretsState(count: number, passphrase: string | undefined): SecretsState {
  if (count === 0) return "none";
  return passphrase === undefined ? "left out" : "sealed";
}

function printBackup(work: BackupWork, content: StageContent, manifest: Manifest): void {
  const { terminal, options, directory } = work;
  if (options.json === true) {
    terminal.out(JSON.stringify({ did: "backed up", directory, ...summary(manifest) }));
    return;
  }
  const { stage, region, files } = manifest;
  terminal.out(terminal.colours.green(`${stage} in ${region} is in ${directory}: ${files.length} files`));
  terminal.out(`  ${contentText(content)}`);
  terminal.out(`  ${SECRETS_WORDS[manifest.secrets](content.secrets.map(({ name }) => name))}`);
  terminal.out(`To check it: npm run cli -- backup --check ${directory}`);
}

function contentText({ stacks, parameters, dashboards, alarms, subscriptions }: StageContent): string {
  const count = alarms.reduce((sum, each) => sum + each.metricAlarms.length + each.compositeAlarms.length, 0);
  const history = alarms.reduce((sum, each) => sum + each.history.length, 0);
  return `${stacks.length} stacks, ${parameters.length} parameters, ${dashboards.length} dashboards, ${count} alarms with ${history} entries of history, ${subscriptions.length} subscriptions`;
}

const SECRETS_WORDS: Readonly<Record<SecretsState, (names: readonly string[]) => string>> = {
  sealed: (names) => `sealed under the passphrase: ${names.join(", ")}; without it they are lost`,
  "left out": (names) => `left out: ${names.join(", ")}; a restore makes a new token`,
  none: () => "the stage has no SecureString",
};

function summary(manifest: Manifest): object {
  const { stage, region, accountId, madeAt, secrets, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { stage, region, accountId, madeAt, secrets, files: files.length, bytes };
}

async function printCheck(work: BackupWork): Promise<void> {
  const { terminal, options, directory } = work;
  const checked = await terminal.progress(`checking ${directory}`, checkBackup(directory));
  const problems = "problems" in checked ? checked.problems : [];
  const opened = "problems" in checked ? "not tried" : await secretsOpened(work, checked);
  if (options.json === true)
    terminal.out(JSON.stringify({ directory, problems, opened, ...wholeSummary(checked) }));
  else if (!("problems" in checked)) wholeLines(work, checked, opened).forEach(terminal.out);
  if (problems.length === 0) return;
  if (options.json !== true)
    for (const problem of problems) terminal.err(terminal.colours.red(`  ${problem}`));
  throw new Failure(
    `${directory} is not whole: ${problems.length === 1 ? "1 fault" : `${problems.length} faults`}`,
  );
}

function wholeSummary(checked: Awaited<ReturnType<typeof checkBackup>>): object {
  return "problems" in checked ? {} : summary(checked.manifest);
}

/** Tries the passphrase where one is given; a check by a timer must not ask. */
async function secretsOpened(work: BackupWork, backup: ReadBackup): Promise<"opened" | "not tried" | "none"> {
  if (backup.manifest.secrets !== "sealed") return "none";
  const passphrase = await givenPassphrase(passphraseSources(work));
  if (passphrase === undefined) return "not tried";
  const { manifest } = backup;
  const sealed = backupObject(backup, SECRETS_FILE);
  await openSecrets(sealed, passphrase, secretsBound(manifest, manifest.files));
  return "opened";
}

function wholeLines({ terminal, directory }: BackupWork, { manifest }: ReadBackup, opened: string): string[] {
  const { stage, region, accountId, madeAt, files, secrets } = manifest;
  const words: Readonly<Record<string, string>> = {
    opened: "the secrets open with the passphrase",
    "not tried": "the secrets were not opened: give --passphrase-file to try the passphrase",
    none: secrets === "left out" ? "the secrets were left out" : "there are no secrets",
  };
  return [
    terminal.colours.green(
      `${directory} is whole: ${files.length} files of ${stage} in ${region}, account ${accountId}`,
    ),
    `  made at ${madeAt} by ${manifest.madeBy}; ${words[opened] ?? ""}`,
  ];
}
