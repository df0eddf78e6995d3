import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import type { AppProps } from "../../lib/app.ts";
import { wristAgentApp } from "../../lib/app.ts";
import { BILLING_STACK, namesOf } from "../../lib/names.ts";
import type { Environment } from "../../lib/config/setting-sources.ts";
import type { Stage } from "../../lib/config/stage.ts";

/** The root of the project: where cdk.json and the stage files are. */
export const PROJECT = join(import.meta.dirname, "..", "..");

/** What to synthesise besides the stage. */
export interface Synthesis {
  readonly stage?: Stage;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly validation?: AppProps["validation"];
  readonly environment?: Environment;
}

/** A stack as the CDK CLI deploys it. */
export interface SynthesisedStack {
  readonly name: string;
  readonly region: string;
  readonly isProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** The template as it is in its file. */
  readonly text: string;
}

/** The templates that a synthesis writes, by stack; bundling is off unless the context says otherwise. */
export function synthesise(synthesis: Synthesis = {}): ReadonlyMap<string, string> {
  return new Map(synthesisedStacks(synthesis).map(({ name, text }) => [name, text]));
}

/** As many syntheses as are remembered: the pairwise tests make a hundred, each of them once. */
const MAX_REMEMBERED = 24;

const remembered = new Map<string, readonly SynthesisedStack[]>();

/**
 * The stacks that a synthesis makes, with what stands beside their templates.
 *
 * A synthesis takes a third of a second, and many tests want the same one: it is made once.
 */
export function synthesisedStacks(synthesis: Synthesis = {}): readonly SynthesisedStack[] {
  const key = JSON.stringify(synthesis);
  const stacks = remembered.get(key) ?? freshStacks(synthesis);
  remembered.delete(key);
  remembered.set(key, stacks);
  for (const oldest of [...remembered.keys()].slice(0, -MAX_REMEMBERED)) remembered.delete(oldest);
  return stacks;
}

function freshStacks(synthesis: Synthesis): readonly SynthesisedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "wrist-agent-synth-"));
  try {
    const assembly = wristAgentApp({
      project: PROJECT,
      outdir,
      validation: synthesis.validation ?? "in the tests",
      environment: synthesis.environment ?? {},
      context: {
        "aws:cdk:bundling-stacks": [],
        stage: synthesis.stage ?? "development",
        ...synthesis.context,
      },
    }).synth();
    return assembly.stacks.map((stack) => ({
      name: stack.id,
      region: stack.environment.region,
      isProtected: stack.terminationProtection === true,
      tags: stack.tags,
      text: readFileSync(join(outdir, stack.templateFile), "utf8"),
    }));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The three templates of a stage. */
export interface Templates {
  readonly application: Template;
  readonly monitoring: Template;
  readonly billing: Template;
}

/** Synthesises a stage for assertions. */
export function templates(synthesis: Synthesis = {}): Templates {
  const files = synthesise(synthesis);
  const names = namesOf(synthesis.stage ?? "development");
  const template = (stackName: string): Template => Template.fromString(files.get(stackName) ?? "{}");
  return {
    application: template(names.applicationStack),
    monitoring: template(names.monitoringStack),
    billing: template(BILLING_STACK),
  };
}

/** Properties of a resource as plain JSON. */
export type Properties = Readonly<Record<string, unknown>>;

/** The properties of every resource of one type. */
export function propertiesOf(template: Template, type: string): readonly Properties[] {
  const resources = template.findResources(type) as Record<string, { Properties: Properties }>;
  return Object.values(resources).map((resource) => resource.Properties);
}
