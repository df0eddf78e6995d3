import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WatchPorts } from "../../bin/cli/watch.ts";
import { inboxCommand } from "../../bin/commands/inbox.ts";
import { logsCommand } from "../../bin/commands/logs.ts";
import { metricsCommand } from "../../bin/commands/metrics.ts";
import { rollbackCommand } from "../../bin/commands/rollback.ts";
import { statusCommand } from "../../bin/commands/status.ts";
import { tailCommand } from "../../bin/commands/tail.ts";
import type { MemoryTerminal } from "../support/memory-terminal.ts";
import { OperatedStage } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";
import { PROJECT } from "../support/synthesise.ts";
import { expectDocument } from "../support/written-document.ts";

const DOCUMENT = "docs/on-call.md";
const COLUMNS = 110;
const FUNCTION = "wrist-agent-production";

let stage: OperatedStage;

beforeAll(async () => {
  stage = await OperatedStage.build(Date.parse("2026-11-23T17:00:20Z"));
});

afterAll(() => stage.remove());

const PORTS: WatchPorts = {
  now: () => stage.clock.now(),
  wait: () => Promise.resolve(),
  onInterrupt: () => () => undefined,
};

/** A version that somebody publishes and makes live. */
async function publishVersion(): Promise<void> {
  const lambda = new LambdaClient(localAws(stage.system));
  const FunctionName = FUNCTION;
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Description: "the next version" }),
  );
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: Version }));
  lambda.destroy();
}

/** A command and what it prints, as a person sees them. */
async function shown(line: string, make: (terminal: MemoryTerminal) => Command): Promise<string> {
  const args = line.split(" ").slice(1);
  const { out, code } = await stage.operate((terminal) => make({ ...terminal, columns: COLUMNS }), ...args);
  const exit = code === 0 ? [] : [`(exit code ${code})`];
  return [
    "```console",
    `$ npm run cli -- ${line}`,
    ...out.map((each) => each.trimEnd()),
    ...exit,
    "```",
  ].join("\n");
}

/** What differs from run to run and says nothing: ids, how long something took, the height of a bar. */
function masked(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "ID")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,12}\b/g, "ID")
    .replaceAll(/^code +\S+/gm, "code")
    .replaceAll(/\b(\w*durationMs|deadlineMarginMs|maxMemoryUsedMB)([= ]+)[\d.]+/gi, "$1=SOME")
    .replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, "TIME")
    .replaceAll(/[▁▂▃▄▅▆▇█_]+/g, "BAR")
    .replaceAll(/[ \n…]+/g, " ");
}

type Blocks = Readonly<Record<string, string>>;

/** What the document says already, where all of it says the same: ids in one part are those of another. */
async function keptOrFresh(fresh: Blocks): Promise<Blocks> {
  const document = await readFile(join(PROJECT, DOCUMENT), "utf8");
  const found = Object.fromEntries(
    Object.keys(fresh).map((name) => {
      const block = new RegExp(`<!-- ${name}: begin -->\\n([\\s\\S]*?)<!-- ${name}: end -->`).exec(document);
      return [name, block?.[1]?.trim() ?? ""] as const;
    }),
  );
  const [is, should] = [maskedAll(found), maskedAll(fresh)];
  if (process.env.WRITE_DOCS !== "1") expect(is).toEqual(should);
  return isDeepStrictEqual(is, should) ? found : fresh;
}

function maskedAll(blocks: Blocks): Blocks {
  return Object.fromEntries(Object.entries(blocks).map(([name, text]) => [name, masked(text)]));
}

test("the page of whoever is on call shows what the commands print", async () => {
  for (let minute = 0; minute < 4; minute += 1) {
    await stage.ask("water the fern tonight", "reminder");
    await stage.pass(3);
  }
  await publishVersion();
  await stage.pass(1);
  stage.system.setFault({ kind: "error", rate: 1 });
  for (let request = 0; request < 5; request += 1) await stage.ask("dentist friday at two", "event");
  stage.system.setFault({ kind: "off", rate: 1 });
  await stage.pass(6);
  const pages = stage.system.mails();
  const number = pages.findIndex(({ subject }) => subject.startsWith("ALARM:")) + 1;
  expect(number).toBeGreaterThan(0);
  const failed = stage.system.requests(200).find(({ line }) => line.outcome === "upstream")?.requestId ?? "";
  const now = (): number => stage.clock.now();
  const blocks = {
    mail: await shown(`inbox ${number}`, inboxCommand),
    status: await shown("status", (terminal) => statusCommand(terminal, PORTS)),
    tail: await shown("tail --since 1h --no-follow", (terminal) => tailCommand(terminal, PORTS)),
    logs: await shown(`logs ${failed.slice(0, 8)}`, (terminal) => logsCommand(terminal, now)),
    metrics: await shown("metrics failing-now --since 1h", (terminal) => metricsCommand(terminal, now)),
    rollback: await shown("rollback --yes", (terminal) => rollbackCommand(terminal)),
  };
  await expectDocument(DOCUMENT, await keptOrFresh(blocks));
});
