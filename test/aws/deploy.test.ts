import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeployResult } from "../../bin/commands/deploy/deploy-result.ts";
import { hasMoto, startMoto, type Moto } from "./moto.ts";

type Part = "app" | "monitoring" | "billing" | "delivery";

const STACKS: Readonly<Record<Part, string>> = {
  app: "WristAgent-production",
  monitoring: "WristAgentMonitoring-production",
  billing: "WristAgentBilling",
  delivery: "WristAgentDelivery",
};
const CONTEXT = ["-c", "githubRepository=owner/name", "-c", "alarmEmail=on-call@example.com"];
const LESS_MEMORY = ["-c", "lambdaMemory=256"];
/** Moto serves it itself. */
const URL = /^http:\/\/127\.0\.0\.1:\d+\/moto-api\/function-url\/us-west-2\/wrist-agent-production\/$/;

let moto: Moto;

describe.skipIf(!hasMoto())("npm run deploy, where moto is installed (pip install 'moto[server]')", () => {
  beforeEach(async () => {
    moto = await startMoto();
  });
  afterEach(() => moto.stop());

  async function deploy(stage: string, ...args: readonly string[]) {
    const options = ["--stage", stage, "--yes", "--no-verify", "--json", ...CONTEXT, ...args];
    const { code, out, all } = await moto.run(
      "--conditions=source",
      "--import",
      "tsx",
      "bin/cli.ts",
      "deploy",
      ...options,
    );
    return { code, all, deployed: code === 0 ? (JSON.parse(out) as DeployResult) : undefined };
  }

  function destroy(stage: string, stack: string, ...context: readonly string[]) {
    const settings = ["-c", `stage=${stage}`, ...CONTEXT, ...context];
    return moto.run("node_modules/aws-cdk/bin/cdk", "destroy", stack, "--force", ...settings);
  }

  // Each pair of stacks whose order is free comes in both orders.
  test.each<[Part, Part, Part, Part]>([
    ["delivery", "billing", "app", "monitoring"],
    ["app", "monitoring", "billing", "delivery"],
  ])("deploys %s, %s, %s, %s, each by its own command", async (...parts) => {
    for (const part of parts) {
      const { code, all, deployed } = await deploy("production", "--only", part);
      expect(code, all).toBe(0);
      expect(deployed?.stacks).toMatchObject([{ stackName: STACKS[part], state: "deployed" }]);
      if (part === "app")
        expect(deployed?.outputs.find(({ name }) => name === "FunctionUrl")?.value).toMatch(URL);
    }
    const protectedOne = await destroy("production", STACKS.app);
    expect(protectedOne.all).toContain("cannot be deleted while TerminationProtection is enabled");
  });

  test("refuses the monitoring before the application, whose export it imports", async () => {
    const { code, all } = await deploy("production", "--only", "monitoring");
    expect(code).toBe(1);
    expect(all).toContain("No export named WristAgent-production-FunctionUrl found");
    expect(all).toContain("WristAgentMonitoring-production was not deployed");
  });

  test("deploys a stage, then nothing, then what changed; its monitoring goes and comes again alone", async () => {
    const [app, monitoring] = ["WristAgent-development", "WristAgentMonitoring-development"] as const;
    const first = await deploy("development");
    expect(first.code, first.all).toBe(0);
    expect(first.deployed?.stacks.map(({ stackName }) => stackName)).toEqual([app, monitoring]);
    const again = await deploy("development");
    expect(again.code, again.all).toBe(0);
    expect(again.all).toContain("Nothing differs from what is deployed.");

    const changed = await deploy("development", ...LESS_MEMORY);
    expect(changed.code, changed.all).toBe(0);
    // The function's stack changes, and each stack remembers what was given.
    expect(changed.all).toMatch(/Number of stacks with differences: 2\n/);
    expect(await memoryOf("wrist-agent-development")).toBe(256);

    const gone = await destroy("development", monitoring, ...LESS_MEMORY);
    expect(gone.code, gone.all).toBe(0);
    expect(await memoryOf("wrist-agent-development")).toBe(256);
    const back = await deploy("development", ...LESS_MEMORY);
    expect(back.code, back.all).toBe(0);
    expect(back.all).toMatch(/Number of stacks with differences: 1\n/);
  });

  async function memoryOf(FunctionName: string): Promise<number | undefined> {
    const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
    const client = new LambdaClient({ endpoint: moto.endpoint, region: "us-west-2", credentials });
    const { MemorySize } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    client.destroy();
    return MemorySize;
  }
});
