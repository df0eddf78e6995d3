import { expect, test } from "vitest";
import type { AwsError } from "../../../../local/server/aws/service.ts";
import type { Parameters } from "../../../../local/parameter-store.ts";
import { putParameter } from "../../../../local/server/aws/ssm.ts";

const EMPTY: Parameters = {
  find: () => undefined,
  list: () => [],
  put: (parameter) => ({ ...parameter, version: 1, modifiedMs: 0 }),
  delete: () => false,
};
const INPUT = { Name: "/tiny/x", Value: "x", Type: "String" };

test("a parameter is put with its name, type and value", () => {
  expect(putParameter(EMPTY, "eu-west-1", INPUT)).toMatchObject({
    region: "eu-west-1",
    name: "/tiny/x",
    type: "String",
    value: "x",
  });
});

test.each<[string, object, RegExp]>([
  ["no type", { Type: undefined }, /type is required/],
  ["a reserved name", { Name: "/aws/x" }, /can't be prefixed/],
  ["no name", { Name: undefined }, /'name' failed/],
  ["a path without its first slash", { Name: "tiny/x" }, /sub-paths/],
  ["a space in its name", { Name: "/tiny/a b" }, /sub-paths/],
  ["no value", { Value: "" }, /'value' failed/],
  ["too long a value", { Value: "x".repeat(4097) }, /maximum parameter value of 4096/],
  ["tags", { Tags: [] }, /keeps no Tags/],
  ["another tier", { Tier: "Advanced" }, /no tier "Advanced"/],
  ["another data type", { DataType: "aws:ec2:image" }, /no data type "aws:ec2:image"/],
])("a parameter with %s is refused", (_name, changes, message) => {
  const refused = (): unknown => putParameter(EMPTY, "eu-west-1", { ...INPUT, ...changes });
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ code: "ValidationException" }) as AwsError);
});
