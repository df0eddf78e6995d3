import pc from "picocolors";
import { encode } from "uqr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AskOperator } from "../../bin/cli/terminal.ts";
import { rotateTokenCommand, tokenCommand } from "../../bin/commands/token.ts";
import { qrCodeLines, shortcutCommand } from "../../bin/commands/shortcut.ts";
import { type AwsFault, denied, THROTTLED } from "../support/faulty-aws.ts";
import { memoryTerminal, type MemoryTerminal } from "../support/memory-terminal.ts";
import { operated, type Operated, OperatedStage } from "../support/operated-stage.ts";
import { signInBefore } from "../support/stage-behind-aws.ts";

let stage: OperatedStage;

beforeAll(async () => {
  stage = await OperatedStage.build(Date.parse("2026-11-23T17:00:20Z"));
});

afterAll(() => stage.remove());

const questions: string[] = [];
const answering =
  (answer: string): AskOperator =>
  (question) => {
    questions.push(question);
    return Promise.resolve(answer);
  };

function shortcut(ask: AskOperator | undefined, words: readonly string[], columns = 120): Promise<Operated> {
  const terminal: MemoryTerminal = { ...memoryTerminal(), columns };
  return operated((given) => shortcutCommand(given, ask), [...words, "--data", stage.data], terminal);
}

function token(ask: AskOperator | undefined, ...words: readonly string[]): Promise<Operated> {
  return operated((terminal) => tokenCommand(terminal, ask), ["show", ...words, "--data", stage.data]);
}

const IN_AWS = ["--aws", "--stage", "production"] as const;

/** The modules that lines of half blocks show, true where dark. */
function modulesOf(lines: readonly string[]): readonly (readonly boolean[])[] {
  return lines.flatMap((line) => [
    Array.from(line, (cell) => cell === " " || cell === "▄"),
    Array.from(line, (cell) => cell === " " || cell === "▀"),
  ]);
}

describe("shortcut", () => {
  test("asks before it shows the token, and puts address and token where they belong", async () => {
    questions.length = 0;
    const { code, out } = await shortcut(answering("y"), []);
    const { functionUrl } = stage.system.addresses;
    expect(code).toBe(0);
    expect(questions).toEqual([
      "Show the token of production on this machine here, where others may see it? (y/n) ",
    ]);
    expect(out.slice(0, 3)).toEqual([
      "Address",
      functionUrl,
      "(of this machine alone: a watch reaches a deployed stage, --aws shows its address)",
    ]);
    expect(out).toContain(`     URL: ${functionUrl}`);
    expect(out).toContain(`     Headers: x-client-token: ${stage.system.token}`);
    expect(out).toContain("  5. Get Contents of URL");
    expect(out).toContain("     Add new field, Text: text: Dictated Text");
    expect(out).toContain("     Show on Apple Watch: on");
  });

  test.each([
    ["the answer is no", answering("n")],
    ["nobody can be asked", undefined],
  ])("keeps the token to itself where %s", async (_why, ask) => {
    const { code, out } = await shortcut(ask, []);
    expect(code).toBe(0);
    expect(out.join("\n")).not.toContain(stage.system.token);
    expect(out).toContain("     Headers: x-client-token: the token");
    expect(out).toContain("  npm run cli -- token show");
  });

  test("says where the terminal is too narrow for a code, in place of half of one", async () => {
    const { out } = await shortcut(undefined, [], 30);
    expect(out[3]).toBe("(30 columns are too few for its QR code: make the window wider, or type it)");
  });

  test("--json has the token with --yes alone", async () => {
    const hidden = JSON.parse((await shortcut(undefined, ["--json"])).out.join("\n")) as object;
    expect(hidden).toMatchObject({
      address: stage.system.addresses.functionUrl,
      tokenCommand: "npm run cli -- token show",
    });
    expect(hidden).not.toHaveProperty("token");
    const shown = JSON.parse((await shortcut(undefined, ["--json", "--yes"])).out.join("\n")) as object;
    expect(shown).toMatchObject({ token: stage.system.token });
    expect(shown).not.toHaveProperty("tokenCommand");
  });

  test("in AWS names the shell's command for the token, and the permission that is missing", async () => {
    await signInBefore(stage, (operation) =>
      operation === "GetParameter"
        ? denied("ssm:GetParameter", "parameter/wrist-agent/client-token")
        : undefined,
    );
    const { out } = await shortcut(undefined, IN_AWS);
    expect(out.join("\n")).toContain("aws ssm get-parameter --with-decryption --region us-west-2");
    const { code, err } = await shortcut(undefined, [...IN_AWS, "--yes"]);
    expect(code).toBe(1);
    expect(err.join("\n")).toContain("ssm:GetParameter");
  });
});

describe("a QR code", () => {
  const text = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-west-2.on.aws/";
  const { data, size } = encode(text, { ecc: "M", border: 4 });

  test("shows every module as it is, with four of quiet around", () => {
    const lines = qrCodeLines({ colours: pc.createColors(false) }, text, 80) ?? [];
    expect(modulesOf(lines).slice(0, size)).toEqual(data);
    expect(lines.slice(0, 2)).toEqual(["█".repeat(size), "█".repeat(size)]);
  });

  test("is white on black of its own where there are colours, whatever those of the terminal", () => {
    const [line = ""] = qrCodeLines({ colours: pc.createColors(true) }, text, 80) ?? [];
    expect(line.startsWith("\u001B[97m\u001B[40m█")).toBe(true);
  });

  test("is none where it does not fit", () => {
    expect(qrCodeLines({ colours: pc.createColors(false) }, text, size - 1)).toBeUndefined();
    expect(qrCodeLines({ colours: pc.createColors(false) }, text, size)).toHaveLength(Math.ceil(size / 2));
  });
});

describe("token show", () => {
  test("prints the token after a yes, and nothing but the token", async () => {
    expect(await token(answering("yes"))).toMatchObject({ code: 0, out: [stage.system.token], err: [] });
  });

  test("prints nothing after a no", async () => {
    expect(await token(answering(""))).toMatchObject({
      code: 1,
      out: [],
      err: ["error: the token was not shown"],
    });
  });

  test("is wrong usage where nobody can be asked, and --yes does without", async () => {
    expect(await token(undefined)).toMatchObject({ code: 2, out: [] });
    const { out } = await token(undefined, "--yes", "--json");
    expect(JSON.parse(out[0] ?? "")).toEqual({
      stage: "production",
      parameterName: "/wrist-agent/client-token",
      token: stage.system.token,
    });
  });

  test.each<[AwsFault, string]>([
    [denied("ssm:GetParameter", "parameter/wrist-agent/client-token"), "ssm:GetParameter"],
    [THROTTLED, "AWS takes no more questions for a moment"],
    [{ kind: "cut" }, "the connection broke before the answer was complete"],
  ])("where SSM answers %j it says what to do", async (fault, words) => {
    await signInBefore(stage, () => fault);
    const { code, err } = await token(undefined, "--yes", ...IN_AWS);
    expect(code).toBe(1);
    expect(err.join("\n")).toContain(words);
  });
});

test("rotate-token --json says what was done, with the token where --show asks for it", async () => {
  const rotate = (...words: readonly string[]): Promise<Operated> =>
    operated(rotateTokenCommand, ["--revoke-previous", "--json", ...words, "--data", stage.data]);
  const plain = JSON.parse((await rotate()).out.join("\n")) as object;
  expect(plain).toMatchObject({
    stage: "production",
    isRotated: true,
    parameterName: "/wrist-agent/client-token",
  });
  expect(plain).not.toHaveProperty("token");
  const shown = JSON.parse((await rotate("--show")).out.join("\n")) as object;
  expect(shown).toMatchObject({ token: stage.system.token });
});
