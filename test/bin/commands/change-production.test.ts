import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { awsFailure, callLimits, confirmDeployedChange, type Target } from "../../../bin/cli/target.ts";
import { breakerCommand } from "../../../bin/commands/breaker.ts";
import { configCommand } from "../../../bin/commands/config.ts";
import { rotateTokenCommand } from "../../../bin/commands/token.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const IN_AWS = ["--aws", "--stage", "production", "--region", "us-west-2"] as const;
const PRODUCTION: Target = { stage: "production", where: "production in AWS", isLocal: false, client: {} };

let server: Server | undefined;

afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** AWS for one test, at `AWS_ENDPOINT_URL`. */
async function awsThat(respond: Respond): Promise<string> {
  const made = createServer((request, response) => {
    request.resume();
    request.on("end", () => respond(request, response));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  }))
    vi.stubEnv(name, value);
  return endpoint;
}

function isInvoke({ url = "" }: IncomingMessage): boolean {
  return url.includes("/functions/");
}

async function run(command: ReturnType<typeof rotateTokenCommand>, ...args: readonly string[]) {
  const terminal = memoryTerminal();
  command.exitOverride().commands.forEach((sub) => sub.exitOverride());
  try {
    await command.parseAsync([...args], { from: "user" });
    return { code: 0, text: "" };
  } catch (error) {
    return { code: exitCodeOf(error, terminal), text: terminal.written.err.join("\n") };
  }
}

describe("a change of a deployed stage", () => {
  test.each([
    ["rotate-token", () => rotateTokenCommand(memoryTerminal()), []],
    ["config set", () => configCommand(memoryTerminal()), ["set", "timeout", "20"]],
    ["config unset", () => configCommand(memoryTerminal()), ["unset", "timeout"]],
    ["breaker open", () => breakerCommand(memoryTerminal()), ["open"]],
    ["breaker close", () => breakerCommand(memoryTerminal()), ["close"]],
  ])(
    "%s is refused where nobody can be asked and --yes is missing, before AWS is called",
    async (_name, make, words) => {
      const calls: string[] = [];
      await awsThat((request, response) => {
        calls.push(request.url ?? "");
        response.end("{}");
      });
      const { code, text } = await run(make(), ...words, ...IN_AWS);
      expect(code).toBe(2);
      expect(text).toContain("this is not a terminal, so it cannot ask: pass --yes");
      expect(calls).toEqual([]);
    },
  );

  test("asks with what it changes and where, and does nothing without a yes", async () => {
    const questions: string[] = [];
    const ask = (answer: string) => (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    };
    const change = { target: PRODUCTION, change: "change the token", yes: undefined };
    await confirmDeployedChange(change, ask("y"));
    await expect(confirmDeployedChange(change, ask("no"))).rejects.toThrow("nothing was changed");
    expect(questions).toEqual(Array(2).fill("production in AWS: change the token? (y/n) "));
    await confirmDeployedChange({ ...change, target: { ...PRODUCTION, isLocal: true } }, ask("no"));
    await confirmDeployedChange({ ...change, yes: true }, ask("no"));
    expect(questions).toHaveLength(2);
  });
});

describe("rotate-token whose answer is lost", () => {
  const lose =
    (versions: number[]): Respond =>
    (request, response) => {
      if (isInvoke(request)) return void request.socket.destroy();
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify({ Parameter: { Name: "/wrist-agent/client-token", Version: versions.shift() } }),
      );
    };

  test.each([
    [[7, 8], "the token HAS changed all the same (version 7 of /wrist-agent/client-token is 8 now)"],
    [[7, 7], "the token has not changed (/wrist-agent/client-token is still version 7)"],
  ])("asks the parameter: versions %j", async (versions, words) => {
    await awsThat(lose([...versions]));
    const { code, text } = await run(rotateTokenCommand(memoryTerminal()), ...IN_AWS, "--yes");
    expect(code).toBe(1);
    expect(text).toContain("no answer of wrist-agent-production-rotation came");
    expect(text).toContain(words);
  });

  test("says how to see it where the parameter cannot be read, and invokes once", async () => {
    let invoked = 0;
    await awsThat((request, response) => {
      if (isInvoke(request)) {
        invoked += 1;
        return void request.socket.destroy();
      }
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: "AccessDeniedException", message: "no" }));
    });
    const { text } = await run(rotateTokenCommand(memoryTerminal()), ...IN_AWS, "--yes");
    expect(text).toContain("whether the token has changed could not be read");
    expect(text).toContain("aws ssm get-parameter --name /wrist-agent/client-token");
    expect(invoked).toBe(1);
  });
});

test("a call that hangs ends in its time and says what was waited for", async () => {
  const endpoint = await awsThat(() => undefined);
  const client = new SSMClient({ region: "us-west-2", endpoint, ...callLimits(0.05), maxAttempts: 1 });
  const error: unknown = await client
    .send(new GetParameterCommand({ Name: "/x" }))
    .catch((cause: unknown) => cause);
  client.destroy();
  expect(awsFailure(error, PRODUCTION, "ssm:GetParameter").message).toBe(
    "production in AWS: no answer came within 20 s, waiting for ssm:GetParameter",
  );
});
