import { describe, expect, it } from "vitest";
import type { Setting } from "../../lib/config/setting.ts";
import { SETTINGS } from "../../lib/config/stage-config.ts";
import { expectDocument, tableText } from "../support/written-document.ts";

const ROWS = Object.values<Setting<unknown>>(SETTINGS);

function defaultOf({ defaultText }: Setting<unknown>): string {
  if (defaultText === undefined) return "required";
  return defaultText === "" ? "none" : `\`${defaultText}\``;
}

describe("docs/deploying.md", () => {
  it("lists every setting with its default, its meaning and why it is one", async () => {
    const rows = ROWS.map((setting) => [
      `\`${setting.key}\``,
      `\`${setting.context}\``,
      defaultOf(setting),
      setting.description,
      setting.why,
    ]);
    const head = [
      "In the file and the environment",
      "After `-c`",
      "Default",
      "Meaning",
      "Why you may change it",
    ];
    await expectDocument("docs/deploying.md", { settings: tableText([head, ...rows]) });
  });

  it("gives no reason twice by mistake, and none that is a sentence", () => {
    for (const { key, why } of ROWS) expect(why, key).toMatch(/^\S.{10,90}[^.]$/);
  });
});
