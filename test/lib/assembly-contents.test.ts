import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { wristAgentApp } from "../../lib/app.ts";
import { functionBundle, SOURCE_MAPS_FOLDER } from "../../lib/bundles.ts";
import { PROJECT } from "../support/synthesise.ts";

/** What a secret looks like in a file, whoever wrote it there. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  "an AWS access key": /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  "an AWS secret key": /aws_secret_access_key["']?\s*[:=]\s*["']?[A-Za-z0-9+/]{40}/i,
  "a private key": /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\s|\\n)*[A-Za-z0-9+/=]{20}/,
  "a token of 32 bytes": /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])/,
  "a GitHub token": /\bgh[pousr]_[A-Za-z0-9]{36}/,
  "a secret that CloudFormation would make": /"(?:SecretString|GenerateSecretString)"/,
};

/** Secrets that the shell of whoever synthesises may hold. */
const CANARIES: Readonly<Record<string, string>> = {
  WRIST_AGENT_TOKEN: "canary-token-91c7d0",
  AWS_SECRET_ACCESS_KEY: "canary-secret-key-5e21b8",
  AWS_SESSION_TOKEN: "canary-session-0fa4c6",
  GITHUB_TOKEN: "canary-github-7b93aa",
};

let outdir: string;
let files: ReadonlyMap<string, string>;

beforeAll(() => {
  outdir = mkdtempSync(join(tmpdir(), "wrist-agent-contents-"));
  for (const [name, value] of Object.entries(CANARIES)) vi.stubEnv(name, value);
  wristAgentApp({
    project: PROJECT,
    outdir,
    validation: "in the tests",
    context: { "aws:cdk:bundling-stacks": ["**"], stage: "production", alarmEmail: "ann@example.com" },
    environment: process.env,
  }).synth();
  files = new Map(
    readdirSync(outdir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(outdir, path), readFileSync(path, "utf8")]),
  );
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(outdir, { recursive: true });
});

/** Files in which something stands, each with what it is. */
function findings(isThere: (text: string) => readonly string[]): readonly string[] {
  return [...files].flatMap(([name, text]) => isThere(text).map((what) => `${name}: ${what}`));
}

/** The token of a system that ran here, if one did. */
function localToken(): readonly string[] {
  const file = join(PROJECT, ".wrist-agent", "token");
  return existsSync(file) ? [readFileSync(file, "utf8").trim()] : [];
}

function secretsIn(text: string): readonly string[] {
  return Object.entries(SECRETS).flatMap(([what, shape]) => {
    const [found] = shape.exec(text) ?? [];
    return found === undefined ? [] : [`${what}: ${found}`];
  });
}

describe("what a synthesis leaves in cdk.out", () => {
  it("is templates, their assets and the bundles of every function", () => {
    const names = [...files.keys()];
    expect(names).toContain("WristAgent-production.template.json");
    expect(names.filter((name) => name.endsWith("index.cjs")).length).toBeGreaterThanOrEqual(2);
    for (const folder of ["agent", "probe", "rotation"])
      expect(names).toContain(`${SOURCE_MAPS_FOLDER}/${functionBundle(folder).name}.map`);
  });

  it("gives each function its own code", () => {
    const functions = [...files]
      .filter(([name]) => name.endsWith(".template.json"))
      .flatMap(([, text]) => {
        const { Resources } = JSON.parse(text) as {
          Resources: Record<string, { Type: string; Properties: { Code?: { S3Key?: string } } }>;
        };
        return Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
      });
    const keys = functions.map(({ Properties }) => Properties.Code?.S3Key);
    expect(new Set(keys).size).toBe(functions.length);
  });

  it("holds nothing that looks like a secret", () => {
    expect(findings(secretsIn)).toEqual([]);
  });

  it("holds nothing of the shell's secrets or of the local system's token", () => {
    const own = [...Object.values(CANARIES), ...localToken()];
    expect(findings((text) => own.filter((secret) => text.includes(secret)))).toEqual([]);
  });

  it("holds nothing of this machine in what is deployed", () => {
    const places = findings((text) => (text.includes(PROJECT) ? ["a path of this machine"] : []));
    // The CDK CLI reads where an annotation was made from these, and deploys nothing of them.
    expect(places.filter((place) => !place.includes(".metadata.json"))).toEqual([]);
  });

  it.each([
    ["AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
    [Buffer.alloc(32, 7).toString("base64"), "a token of 32 bytes"],
    [`-----BEGIN PRIVATE KEY-----\\n${"MIIEvQ".repeat(6)}`, "a private key"],
  ])("would be caught with %s in it", (secret, what) => {
    expect(secretsIn(`{"x":"${secret}"}`).join()).toContain(what);
  });
});
