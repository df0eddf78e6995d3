import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeBackup } from "../../bin/commands/backup/backup-directory.ts";
import { secretsText } from "../../bin/commands/backup/stage-content.ts";
import { PROJECT } from "../support/synthesise.ts";

test("the script of docs/backup.md opens the secrets of a backup, with Node.js alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "backup-document-"));
  const [, script = ""] =
    /```js\n([\s\S]+?)```/.exec(readFileSync(join(PROJECT, "docs/backup.md"), "utf8")) ?? [];
  writeFileSync(join(folder, "open-secrets.mjs"), script);
  const secrets = [{ name: "/wrist-agent/client-token", value: "the token" }];
  const passphrase = "caf\u00e9 and four words";
  await writeBackup(
    join(folder, "kept"),
    {
      origin: {
        stage: "production",
        region: "us-west-2",
        accountId: "111122223333",
        madeAt: "2026-11-29T12:00:00.000Z",
        source: "aws",
      },
      files: { "stacks.json": "[]\n", "templates/us-west-2/WristAgent-production.json": "{}" },
      secrets: { text: secretsText(secrets), passphrase },
      secretsState: "sealed",
      madeBy: "wrist-agent",
    },
    new AbortController().signal,
  );
  const run = spawnSync(process.execPath, ["open-secrets.mjs", "kept"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PASSPHRASE: passphrase },
  });
  rmSync(folder, { recursive: true });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual({ parameters: secrets });
});
