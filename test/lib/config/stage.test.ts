import { expect, test } from "vitest";
import { isStage, isVerifyStage, settingsStage, STAGES } from "../../../lib/config/stage.ts";
import { namesOf } from "../../../lib/names.ts";
import { synthesisingOnce } from "../../support/synthesised-app.ts";

test.each([
  ["verify-ann", true],
  ["verify-20261129", true],
  ["verify-", false],
  ["verify-Ann", false],
  ["verify-a_b", false],
  ["verify-morethantwelve", false],
  ["production-verify", false],
])("%s is a stage to verify with: %s", (text, expected) => {
  expect(isVerifyStage(text)).toBe(expected);
  expect(isStage(text)).toBe(expected);
});

test("a stage to verify with has staging's settings, and names and a token of its own", () => {
  expect(settingsStage("verify-ann")).toBe("staging");
  expect(STAGES.map(settingsStage)).toEqual(STAGES);
  expect(namesOf("verify-ann")).toMatchObject({
    applicationStack: "WristAgent-verify-ann",
    function: "wrist-agent-verify-ann",
    tokenParameter: "/wrist-agent/verify-ann/client-token",
  });
});

test("a stage to verify with is synthesised without a file of its own, and refused under another name", async () => {
  const synthesise = synthesisingOnce();
  const { stacks } = await synthesise({ stage: "verify-ann" });
  expect(stacks.map(({ stackName }) => stackName).sort()).toEqual([
    "WristAgent-verify-ann",
    "WristAgentBilling",
    "WristAgentMonitoring-verify-ann",
  ]);
  await expect(synthesise({ stage: "verify-" })).rejects.toThrow(
    'unknown stage "verify-": use one of development',
  );
});
