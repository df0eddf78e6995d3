import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  checkBackup,
  type NewBackup,
  readBackup,
  requireNewDirectory,
  writeBackup,
} from "../../../../bin/commands/backup/backup-directory.ts";
import { sha256Of } from "../../../../bin/commands/backup/manifest.ts";

const BACKUP: NewBackup = {
  origin: {
    stage: "production",
    region: "us-west-2",
    accountId: "111122223333",
    madeAt: "2026-11-29T12:00:00.000Z",
    source: "aws",
  },
  files: { "stacks.json": "[]\n", "templates/us-west-2/WristAgent-production.json": '{"Resources":{}}' },
  secretsState: "left out",
  madeBy: "wrist-agent 0.2.0",
};

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "backup-"));
  directory = join(parent, "production");
});
afterEach(() => rm(parent, { recursive: true }));

function write(backup: NewBackup = BACKUP, signal: AbortSignal = new AbortController().signal) {
  return writeBackup(directory, backup, signal);
}

async function problems(): Promise<readonly string[]> {
  const checked = await checkBackup(directory);
  return "problems" in checked ? checked.problems : [];
}

describe("a backup on the disk", () => {
  test("is its files, a manifest with their checksums, and SHA256SUMS; for its owner's eyes", async () => {
    await write();
    const { manifest, files } = await readBackup(directory);
    expect(manifest).toMatchObject({
      format: "wrist-agent-backup",
      version: 1,
      stage: "production",
      accountId: "111122223333",
      secrets: "left out",
      files: [
        { path: "stacks.json", bytes: 3, sha256: sha256Of("[]\n") },
        { path: "templates/us-west-2/WristAgent-production.json", bytes: 16 },
      ],
    });
    expect(files.SHA256SUMS?.split("\n").map((line) => line.slice(66))).toEqual([
      "manifest.json",
      "stacks.json",
      "templates/us-west-2/WristAgent-production.json",
      "",
    ]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, "stacks.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(parent)).toEqual(["production"]);
  });

  test("is not there at all when it was interrupted, and a killed one's rest goes with the next", async () => {
    await expect(write(BACKUP, AbortSignal.abort())).rejects.toThrow("interrupted: nothing was written");
    expect(await readdir(parent)).toEqual([]);
    // No process has this number: those end at 4,194,304.
    await mkdir(join(parent, ".production.partial-9999999"));
    await write();
    expect(await readdir(parent)).toEqual(["production"]);
  });

  test("is not begun while a living process writes the same one", async () => {
    await mkdir(join(parent, `.production.partial-${process.ppid}`));
    await expect(write()).rejects.toThrow(`process ${process.ppid} is writing ${directory} already`);
  });

  test("leaves nothing where the disk refuses", async () => {
    const broken = { ...BACKUP, files: { ...BACKUP.files, "stacks.json/below": "a file is no folder" } };
    await expect(write(broken)).rejects.toThrow(/the backup could not be written: .*(EEXIST|ENOTDIR)/);
    expect(await readdir(parent)).toEqual([]);
  });

  test("is never written over something", async () => {
    await mkdir(directory);
    await expect(requireNewDirectory(directory)).resolves.toBeUndefined();
    await writeFile(join(directory, "mine"), "");
    await expect(requireNewDirectory(directory)).rejects.toThrow(
      /is there already and not empty: name a new directory/,
    );
    await expect(requireNewDirectory(join(directory, "mine"))).rejects.toThrow(/cannot be a backup: ENOTDIR/);
  });
});

describe("a look at a backup finds", () => {
  beforeEach(async () => {
    await write();
  });

  test.each<[string, () => Promise<unknown>, readonly RegExp[]]>([
    ["a file that is gone", () => rm(join(directory, "stacks.json")), [/^stacks\.json is missing$/]],
    [
      "a file that was cut off",
      () => writeFile(join(directory, "stacks.json"), "["),
      [/^stacks\.json is damaged: it has 1 bytes and should have 3$/],
    ],
    [
      "a changed letter",
      () => writeFile(join(directory, "stacks.json"), "{}\n"),
      [/^stacks\.json is damaged: its checksum is another one$/],
    ],
    ["a stray file", () => writeFile(join(directory, "extra"), ""), [/^extra does not belong to it$/]],
    [
      "a link to elsewhere, which is not followed",
      () => symlink("/etc/hostname", join(directory, "link")),
      [/^link does not belong to it$/],
    ],
    [
      "a manifest that is gone",
      () => rm(join(directory, "manifest.json")),
      [/is no backup: it has no manifest\.json$/],
    ],
    ["sums that are gone", () => rm(join(directory, "SHA256SUMS")), [/^SHA256SUMS is missing$/]],
    [
      "another manifest",
      () => changeManifest({ region: "eu-west-1" }),
      [/^manifest\.json is damaged: its checksum/],
    ],
    ["a manifest that is none", () => changeManifest({ format: "other" }), [/is not that of a backup/]],
    [
      "a later version",
      () => changeManifest({ version: 2 }),
      [/^the backup has version 2, and this program reads 1/],
    ],
    ["an unknown stage", () => changeManifest({ stage: "prod" }), [/is damaged: stage "prod" is none$/]],
    [
      "a manifest without a place",
      () => changeManifest({ accountId: 1 }),
      [/is damaged: accountId is no text$/],
    ],
    [
      "a path out of the backup",
      () => changeManifest({ files: [{ path: "../secret", bytes: 1, sha256: sha256Of("") }] }),
      [/is damaged: .*is no file of a backup$/],
    ],
  ])("%s", async (_what, damage, expected) => {
    await damage();
    const found = await problems();
    expect(found).toEqual(expected.map((each) => expect.stringMatching(each) as string));
    await expect(readBackup(directory)).rejects.toThrow(
      /cannot be restored: .*Take another backup, or another copy/,
    );
  });

  test("nothing in the journal of a restore", async () => {
    await writeFile(join(directory, "restore-111122223333-eu-west-1.json"), "{}");
    expect(await problems()).toEqual([]);
  });

  test("that there is no directory", async () => {
    await expect(checkBackup(join(parent, "none"))).rejects.toThrow(/cannot be read: ENOENT/);
  });
});

async function changeManifest(changes: object): Promise<void> {
  const file = join(directory, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...manifest, ...changes }));
}
