import { readFile, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { errorMessage, Failure, UsageError } from "./failure.ts";

/**
 * Variable that holds a passphrase where no file does: a command line would show it to everybody on the
 * machine.
 */
export const PASSPHRASE_VARIABLE = "WRIST_AGENT_BACKUP_PASSPHRASE";

/** Asks for something that must not be seen; nothing where the person presses Ctrl-C. */
export type AskSecret = (question: string) => Promise<string | undefined>;

/** Where a passphrase may come from, the strongest first. */
export interface PassphraseSources {
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Missing without a terminal. */
  readonly ask: AskSecret | undefined;
  /** Hears of a file that others may read. */
  readonly warn: (line: string) => void;
}

/** A passphrase from its file or the environment; nothing where neither gives one. */
export async function givenPassphrase({
  file,
  environment,
  warn,
}: Omit<PassphraseSources, "ask">): Promise<string | undefined> {
  if (file !== undefined) return passphraseIn(file, warn);
  const text = environment[PASSPHRASE_VARIABLE] ?? "";
  return text === "" ? undefined : text;
}

async function passphraseIn(file: string, warn: (line: string) => void): Promise<string> {
  try {
    const text = (await readFile(file, "utf8")).replace(/\r?\n$/, "");
    if ((await stat(file)).mode & 0o077)
      warn(`${file} may be read by others on this machine: chmod 600 ${file}`);
    if (text === "") throw new UsageError(`${file} holds no passphrase`);
    return text;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the passphrase's file cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}

/** Passphrase for something new: typed twice where it is typed. */
export async function newPassphrase(sources: PassphraseSources, whenNone: string): Promise<string> {
  const given = await givenPassphrase(sources);
  if (given !== undefined) return given;
  const first = await askPassphrase(sources, { question: "Passphrase for the secrets: ", whenNone });
  const again = await askPassphrase(sources, { question: "The same again: ", whenNone });
  if (first !== again) throw new Failure("the two passphrases differ: nothing was written");
  return first;
}

/** Passphrase of something that is there. */
export async function knownPassphrase(sources: PassphraseSources, whenNone: string): Promise<string> {
  const given = await givenPassphrase(sources);
  return given ?? askPassphrase(sources, { question: "Passphrase of the secrets: ", whenNone });
}

async function askPassphrase(
  { ask }: PassphraseSources,
  { question, whenNone }: { readonly question: string; readonly whenNone: string },
): Promise<string> {
  if (ask === undefined)
    throw new UsageError(
      `no passphrase is given, and this is not a terminal, so it cannot ask: pass --passphrase-file, or set ${PASSPHRASE_VARIABLE}${whenNone}`,
    );
  const answer = await ask(question);
  if (answer === undefined) throw new Failure("interrupted: nothing was changed");
  return answer;
}

/** Asks on the process's terminal without showing what is typed; missing where nobody sits at one. */
export function askSecretAtTerminal(): AskSecret | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return (question) => askHidden(question, process.stdin, process.stderr);
}

/** Reads one line from `input`; nothing of it is written to `output`. */
export function askHidden(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true });
  output.write(question);
  return new Promise<string | undefined>((resolve) => {
    lines.once("SIGINT", () => resolve(undefined));
    lines.once("close", () => resolve(undefined));
    lines.question("", resolve);
  }).finally(() => {
    lines.close();
    output.write("\n");
  });
}
