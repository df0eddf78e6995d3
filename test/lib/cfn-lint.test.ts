import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isInstalled } from "../support/installed.ts";
import { synthesise, type Synthesis } from "../support/synthesise.ts";

/** Findings that stay, by rule and by what cfn-lint says, and why. */
const ACCEPTED: readonly (readonly [rule: string, says: RegExp, why: string])[] = [
  ["W3005", /dependency already enforced/, "CDK writes down what a function waits for, references or not"],
  [
    "E3002",
    /\('(EvaluationWindow|WarmUpConfiguration)' was unexpected\)/,
    "alarms have them since 2026, cfn-lint 1.51 does not know",
  ],
  [
    "E3002",
    /\('Tags' was unexpected\)/,
    "dashboards and scalable targets take tags since 2026, cfn-lint 1.51 does not know",
  ],
];

/** Turns on whatever adds resources; production's names and protection are no resources. */
const EVERYTHING: Synthesis = {
  stage: "staging",
  context: {
    vpc: "isolated",
    provisionedConcurrency: "1",
    enableXray: "true",
    spendBreaker: "true",
    monitoringProfile: "full",
    topicEncryption: "customer-managed",
    extraTags: "team=home",
    githubRepository: "owner/name",
    alarmEmail: "ann@example.com",
  },
};

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
}

/** What cfn-lint says of the templates of a synthesis. */
function findings(synthesis: Synthesis): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "wrist-agent-lint-"));
  try {
    const files = [...synthesise(synthesis)].map(([name, text]) => {
      const file = join(folder, `${name}.template.json`);
      writeFileSync(file, text);
      return file;
    });
    const { stdout } = spawnSync("cfn-lint", ["--format", "json", ...files], { encoding: "utf8" });
    return JSON.parse(stdout) as Finding[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isAccepted({ Rule, Message }: Finding): boolean {
  return ACCEPTED.some(([rule, says]) => rule === Rule.Id && says.test(Message));
}

describe.skipIf(!isInstalled("cfn-lint"))(
  "cfn-lint, which runs where it is installed (pip install cfn-lint)",
  () => {
    it("finds nothing in the stacks with everything on but what is explained", () => {
      const left = findings(EVERYTHING).filter((finding) => !isAccepted(finding));
      expect(left.map(({ Rule, Message, Filename }) => `${Rule.Id} ${Message} ${Filename}`)).toEqual([]);
    });
  },
);
