import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  askHidden,
  givenPassphrase,
  knownPassphrase,
  PASSPHRASE_VARIABLE,
} from "../../../bin/cli/passphrase.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "passphrase-"));
  file = join(directory, "passphrase");
});
afterEach(() => rm(directory, { recursive: true }));

function sources(given: { readonly file?: string; readonly variable?: string; readonly answer?: string }) {
  const warnings: string[] = [];
  return {
    file: given.file,
    environment: { [PASSPHRASE_VARIABLE]: given.variable },
    ask: given.answer === undefined ? undefined : () => Promise.resolve(given.answer),
    warn: (line: string) => void warnings.push(line),
    warnings,
  };
}

test("a passphrase is that of the file, else of the environment, else of the person", async () => {
  await writeFile(file, "in the file \r\n", { mode: 0o600 });
  const others = { variable: "in the environment", answer: "typed" };
  expect(await knownPassphrase(sources({ file, ...others }), "")).toBe("in the file ");
  expect(await knownPassphrase(sources(others), "")).toBe("in the environment");
  expect(await knownPassphrase(sources({ variable: "", answer: "typed" }), "")).toBe("typed");
  expect(await givenPassphrase(sources({ answer: "typed" }))).toBeUndefined();
});

test("a file that others may read is told of; an empty one, and none, are refused", async () => {
  await writeFile(file, "open to all");
  await chmod(file, 0o644);
  const open = sources({ file });
  expect(await givenPassphrase(open)).toBe("open to all");
  expect(open.warnings).toEqual([`${file} may be read by others on this machine: chmod 600 ${file}`]);
  await writeFile(file, "\n");
  await expect(givenPassphrase(sources({ file }))).rejects.toThrow(`${file} holds no passphrase`);
  await expect(givenPassphrase(sources({ file: directory }))).rejects.toThrow(/cannot be read: EISDIR/);
});

test("nobody is asked without a terminal, and what to do is said", async () => {
  await expect(knownPassphrase(sources({}), ", or --without-secrets")).rejects.toThrow(
    "no passphrase is given, and this is not a terminal, so it cannot ask: pass --passphrase-file, or set WRIST_AGENT_BACKUP_PASSPHRASE, or --without-secrets",
  );
});

/** What was typed and what could be seen of it. */
async function typed(keys: string): Promise<{ readonly answer: string | undefined; readonly seen: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = askHidden("Passphrase: ", input, output);
  input.write(keys);
  return { answer: await answer, seen: String(output.read()) };
}

test("nothing of what is typed can be seen; Ctrl-C and the end of the input give nothing", async () => {
  expect(await typed("correct horse\r")).toEqual({ answer: "correct horse", seen: "Passphrase: \n" });
  expect(await typed("corre\u007f\u007fl\r")).toEqual({ answer: "corl", seen: "Passphrase: \n" });
  expect(await typed("half\u0003")).toEqual({ answer: undefined, seen: "Passphrase: \n" });
  expect(await typed("\u0004")).toEqual({ answer: undefined, seen: "Passphrase: \n" });
});
