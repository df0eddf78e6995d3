import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alarmDocs } from "../../lib/monitoring/alarm-docs.ts";
import { configOf } from "../support/config-of.ts";
import { PROJECT } from "../support/synthesise.ts";
import { expectWholeDocument } from "../support/written-document.ts";

const docs = alarmDocs(configOf({ stage: "production" }));

describe("the documents about alarms", () => {
  it.each([...docs.keys()])("docs/%s says what the alarm table says", async (path) => {
    await expectWholeDocument(`docs/${path}`, docs.get(path) ?? "");
  });

  it("there is a runbook for each alarm, and for nothing else", () => {
    const written = readdirSync(join(PROJECT, "docs", "runbooks")).map((name) => `runbooks/${name}`);
    expect(written.sort()).toEqual([...docs.keys()].filter((path) => path !== "alarms.md").sort());
  });
});
