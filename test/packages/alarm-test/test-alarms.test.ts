import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alarmTestReport, testAlarms } from "cw-alarm-test/test-alarms";

let folder = "";
const examples = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "alarm-tests-"));
  const guide = await readFile(new URL("../../../packages/alarm-test/README.md", import.meta.url), "utf8");
  for (const [, name = "", text = ""] of guide.matchAll(/```\w+ file=(\S+)\n([\s\S]*?)```/g)) {
    examples.set(name, text);
    await writeFile(join(folder, name), text);
  }
});

afterAll(() => rm(folder, { recursive: true }));

async function run(text: string, name = "failing.alarm-test.yaml"): ReturnType<typeof testAlarms> {
  const file = join(folder, name);
  await writeFile(file, text);
  return testAlarms(file);
}

function errorsTest(expectation: string, more = ""): string {
  return `template: errors.template.yaml
imports: { FunctionName: f }
${more}
series:
  - { namespace: AWS/Lambda, metric: Errors, dimensions: { FunctionName: f }, values: 0x4 5 5 _ 5 0x6 }

expect:
  - ${expectation}
`;
}

describe("the examples of the README", () => {
  test.each(["errors.alarm-test.yaml", "sparse.alarm-test.yaml", "handler.alarm-test.yaml"])(
    "%s passes",
    async (name) => {
      const result = await testAlarms(join(folder, name));
      expect(result.notes).toEqual([]);
      expect(alarmTestReport([result]).replaceAll(`${folder}/`, "")).toMatch(/^ok /);
    },
  );

  test("the failure looks as shown", async () => {
    const result = await run(errorsTest("{ at: 8m, alarm: errors, state: ALARM }"));
    const report = `${alarmTestReport([result])}\n`.replaceAll(`${folder}/`, "");
    expect(report).toBe(examples.get("failure.txt"));
  });
});

describe("expectations", () => {
  test("of other transitions fail with those that were", async () => {
    const { passed, expectations } = await run(errorsTest("{ alarm: Errors, transitions: [5m ALARM] }"));
    expect(passed).toBe(false);
    expect(expectations[0]?.text).toBe(
      "errors has the transitions 1m OK, 9m ALARM, 12m OK; expected 5m ALARM",
    );
  });

  test.each([
    [
      '{ at: 9m, mail: { subject: "OK*" } }',
      'ALARM: "errors" in US East (N. Virginia), expected a mail like OK*',
    ],
    ['{ at: 8m, mail: { subject: "*" } }', "no mail, expected a mail like *"],
  ])("%s fails with the mail that was sent", async (expectation, text) => {
    const { expectations } = await run(errorsTest(expectation));
    expect(expectations[0]).toMatchObject({ passed: false, text: expect.stringContaining(text) as string });
  });

  test("start from the initial state, and follow another evaluation range and interval", async () => {
    const more = "initial: { Errors: ALARM }\nevaluationRange: 5\ninterval: 30s";
    const { expectations } = await run(errorsTest("{ at: 0, alarm: errors, state: ALARM }", more));
    expect(expectations).toMatchObject([{ passed: true }]);
  });
});

describe("a file that cannot be run says where and what to write", () => {
  test.each([
    ["expect: [", /^.*bad\.yaml:1: /],
    [
      "template: errors.template.yaml\nexpect: []\n---\ntemplate: x",
      /bad\.yaml:3: a file holds one alarm test: write the next one into a file of its own/,
    ],
    ["expect: []", /bad\.yaml:1: template is missing/],
    ["template: errors.template.yaml", /expect is missing/],
    ["template: errors.template.yaml\nexpect: []", /bad\.yaml:2: expect is empty: list what must be true/],
    [
      "template: x\nseries:\n  - { namespace: N, metric: M, dimensions: { d: !Env X }, values: 1 }\nexpect: []",
      /bad\.yaml:3: the tag !Env is unknown: use !Ref, !GetAtt, !ImportValue or !Sub/,
    ],
    [
      "template: nowhere.json\nexpect: [{ at: 1m, alarm: a, state: OK }]",
      /bad\.yaml:1: cannot read template/,
    ],
    [
      "template: x\nserie: []\nexpect: []",
      /bad\.yaml:2: an alarm test has the unknown member "serie": use template/,
    ],
    ["template: x\napp: { stage: production }\nexpect: []", /app stands beside template: give one/],
    ["template: x\ninterval: soon\nexpect: []", /bad\.yaml:2: interval is "soon": write a time like 90s/],
    ["template: x\ninterval: 0s\nexpect: []", /interval must be at least 1s/],
    ["template: x\nstart: now\nexpect: []", /start must be a full minute/],
    ["template: x\nevaluationRange: few\nexpect: []", /a number of slots/],
    ["template: x\ninitial: { a: RED }\nexpect: []", /initial\.a is "RED": use OK, ALARM, INSUFFICIENT_DATA/],
    ["template: x\nimports: [a]\nexpect: []", /imports must be a mapping/],
    ["template: x\nseries: 5\nexpect: []", /series must be a list/],
    ["template: x\nseries: [{ namespace: [1] }]\nexpect: []", /values is missing/],
    [
      "template: x\nseries:\n  - namespace: a\n    metric: b\n    values: 1 2y\nexpect: []",
      /bad\.yaml:5: "2y" is no item of values: write 5, _, 5\*3/,
    ],
    ["template: x\nexpect:\n  - { alarm: a }", /bad\.yaml:3: an expectation needs state/],
    ["template: x\nexpect:\n  - { alarm: a, transitions: [ALARM] }", /"ALARM" is no transition/],
    [
      errorsTest("{ at: 90s, alarm: errors, state: OK }"),
      /nothing is evaluated at this time: use a multiple of 1m/,
    ],
    [errorsTest("{ at: 1m, alarm: nope, state: OK }"), /no alarm is named "nope": the templates hold errors/],
  ])("%#", async (text, message) => {
    await expect(run(text, "bad.yaml")).rejects.toThrow(message);
  });

  test("a file that is not there", async () => {
    await expect(testAlarms(join(folder, "nowhere.yaml"))).rejects.toThrow("give the path of a test file");
  });
});
