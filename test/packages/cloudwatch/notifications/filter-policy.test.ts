import { expect, test } from "vitest";
import {
  type FilterPolicyScope,
  type MessageAttribute,
  messageFilter,
} from "@wrist-agent/cloudwatch/notifications/filter-policy";

const text = (value: string): MessageAttribute => ({ type: "String", value });
const number = (value: number): MessageAttribute => ({ type: "Number", value: String(value) });
const list = (...values: readonly unknown[]): MessageAttribute => ({
  type: "String.Array",
  value: JSON.stringify(values),
});

function takes(condition: unknown, key?: MessageAttribute): boolean {
  const filter = messageFilter(JSON.stringify({ key: [condition] }), "MessageAttributes");
  return filter({ body: "{}", attributes: key === undefined ? {} : { key } });
}

test.each([
  ["a text that is equal", "red", text("red"), true],
  ["a text that is not", "red", text("blue"), false],
  ["no attribute", "red", undefined, false],
  ["a number that is equal", 5, number(5), true],
  ["a text of that number", 5, text("5"), false],
  ["a list with it", "red", list("blue", "red"), true],
  ["a truth value in a list", true, list(true), true],
  ["a prefix", { prefix: "re" }, text("red"), true],
  ["another prefix", { prefix: "bl" }, text("red"), false],
  ["a suffix", { suffix: "ed" }, text("red"), true],
  ["another case", { "equals-ignore-case": "RED" }, text("red"), true],
  ["a wildcard", { wildcard: "a*c*e" }, text("abcde"), true],
  ["a wildcard whose parts overlap", { wildcard: "aba*aba" }, text("ababa"), false],
  ["a wildcard without a star", { wildcard: "abc" }, text("abc"), true],
  ["a part that is missing", { wildcard: "a*x*e" }, text("abcde"), false],
  ["anything but one", { "anything-but": "red" }, text("red"), false],
  ["anything but several", { "anything-but": ["red", 5] }, text("blue"), true],
  ["a list with something else too", { "anything-but": ["red"] }, list("red", "blue"), true],
  ["anything but a prefix", { "anything-but": { prefix: "re" } }, text("red"), false],
  ["anything but, of nothing", { "anything-but": "red" }, undefined, false],
  ["that it exists", { exists: true }, text("x"), true],
  ["that it does not", { exists: false }, undefined, true],
  ["that it does not, but it does", { exists: false }, text("x"), false],
  ["an empty list exists no more", { exists: true }, list(), false],
  ["a number over", { numeric: [">", 0, "<=", 100] }, number(99), true],
  ["a number at the open end", { numeric: [">", 0, "<=", 100] }, number(0), false],
  ["a number at the closed end", { numeric: [">", 0, "<=", 100] }, number(100), true],
  ["a number that equals", { numeric: ["=", 3.5] }, number(3.5), true],
  ["a number under", { numeric: ["<", 3] }, number(3), false],
  ["a number from", { numeric: [">=", 3] }, number(3), true],
  ["a text where a number is wanted", { numeric: [">", 0] }, text("x"), false],
  ["an address", { cidr: "10.0.0.0/24" }, text("10.0.0.255"), true],
  ["an address outside", { cidr: "10.0.0.0/24" }, text("10.0.1.1"), false],
  ["bytes, which no policy sees", { exists: true }, { type: "Binary", value: "AQI=" }, false],
])("a policy on attributes decides on %s", (...[, condition, attribute, taken]) => {
  expect(takes(condition, attribute)).toBe(taken);
});

const ALARM = JSON.stringify({
  NewStateValue: "ALARM",
  Trigger: { Dimensions: [{ name: "A", value: "1" }] },
});

test.each([
  ["a value", { NewStateValue: ["ALARM"] }, true],
  ["another value", { NewStateValue: ["OK"] }, false],
  ["a value in a list of objects", { Trigger: { Dimensions: { value: ["1"] } } }, true],
  ["two values of one object", { Trigger: { Dimensions: { name: ["A"], value: ["2"] } } }, false],
  ["one of two alternatives", { $or: [{ NewStateValue: ["OK"] }, { Trigger: [{ exists: true }] }] }, true],
  ["none of two alternatives", { $or: [{ NewStateValue: ["OK"] }, { Other: ["x"] }] }, false],
  ["a member that is missing", { Other: { Deeper: [{ exists: false }] } }, true],
])("a policy on the body decides on %s", (...[, policy, taken]) => {
  expect(messageFilter(JSON.stringify(policy), "MessageBody")({ body: ALARM })).toBe(taken);
});

test("a policy on the body takes no body that is not JSON", () => {
  expect(messageFilter('{"a":[{"exists":false}]}', "MessageBody")({ body: "no JSON" })).toBe(false);
});

const NESTED = "MessageBody" as const;
const tooComplex = Object.fromEntries(
  ["a", "b", "c"].map((key) => [key, Array.from({ length: 6 }, (_, at) => at)]),
);

// Recorded from AWS by LocalStack, tests/aws/services/sns/test_sns_filter_policy.snapshot.json, 2024.
test.each<[unknown, string, FilterPolicyScope?]>([
  [{ key: [["value"]] }, "Match value must be String, number, true, false, or null"],
  [{ key: [{ "wrong-operator": true }] }, "Unrecognized match type wrong-operator"],
  [{ key: [{ suffix: "value", prefix: "value2" }] }, "Only one key allowed in match expression"],
  [{ key: [] }, "Empty arrays are not allowed"],
  [{ key: [{ suffix: 100 }] }, "suffix match pattern must be a string"],
  [{ key: { suffix: "value" } }, '"suffix" must be an object or an array'],
  [{ key: [{ cidr: ["bad-filter"] }] }, "prefix match pattern must be a string"],
  [{ key: [{ cidr: "bad-filter" }] }, "Malformed CIDR, one '/' required"],
  [{ key: [{ cidr: "bad-filter/64" }] }, "Nonstandard IP address: bad-filter"],
  [{ key: [{ cidr: "bad-filter/bad-filter" }] }, "Malformed CIDR, mask bits must be an integer"],
  [{ key: [{ cidr: "xx.11.xx/8" }] }, "Nonstandard IP address: xx.11.xx"],
  [{ key: [{ cidr: "xxxx:db8:1234:1a00::/64" }] }, "Nonstandard IP address: xxxx:db8:1234:1a00::"],
  [{ key: [{ numeric: [] }] }, "Invalid member in numeric match: ]"],
  [{ key: [{ numeric: ["operator"] }] }, "Unrecognized numeric range operator: operator"],
  [{ key: [{ numeric: [1, "<="] }] }, "Invalid member in numeric match: 1"],
  [{ key: [{ numeric: ["=", "000"] }] }, "Value of equals must be numeric"],
  [{ key: [{ numeric: [">="] }] }, "Value of >= must be numeric"],
  [{ key: [{ numeric: ["<", 100, ">", 10] }] }, "Too many elements in numeric expression"],
  [{ key: [{ numeric: [">=", 1, ">", 2] }] }, "Bad numeric range operator: >"],
  [{ key: [{ numeric: [">", 3, "<", 1] }] }, "Bottom must be less than top"],
  [{ key: [{ numeric: [">", 20, "<="] }] }, "Value of <= must be numeric"],
  [{ key: [{ numeric: [">", 20, 30] }] }, "Bad value in numeric range: 30"],
  [{ key: [{ numeric: [">", 20, "test"] }] }, "Bad numeric range operator: test"],
  [{ key: [{ numeric: [">", "20", "<", "30"] }] }, "Value of > must be numeric"],
  [{ key: [{ numeric: [">", 20, "<", "30"] }] }, "Value of < must be numeric"],
  [{ key: [{ numeric: [">", 20, "<", 30, "<", 50] }] }, "Too many terms in numeric range expression"],
  [{ key: [{ exists: null }] }, "exists match pattern must be either true or false."],
  [{ key: [{ "anything-but": { suffix: "test" } }] }, "Unsupported anything-but pattern: suffix"],
  [{ key: [{ "anything-but": { prefix: false } }] }, "prefix match pattern must be a string"],
  [
    { key_a: { key_b: { key_c: ["value_one"] } } },
    "Filter policy scope MessageAttributes does not support nested filter policy",
  ],
  [{ key_a: "value_one" }, '"key_a" must be an object or an array', NESTED],
  [
    { a: ["1"], b: ["1"], c: ["1"], d: ["1"], e: ["1"], f: ["1"] },
    "Filter policy can not have more than 5 keys",
  ],
  [tooComplex, "Filter policy is too complex"],
  [{ a: { b: { c: Array.from({ length: 51 }, (_, at) => at) } } }, "Filter policy is too complex", NESTED],
])("%j is refused", (policy, message, scope = "MessageAttributes") => {
  expect(() => messageFilter(JSON.stringify(policy), scope)).toThrow(message);
});

test("a policy that is no JSON object is refused", () => {
  for (const policy of ["{invalid", "[]", '"x"'])
    expect(() => messageFilter(policy, "MessageBody")).toThrow(/^failed to parse JSON/);
});

test.each([
  ["2001:db8::/32", "2001:db8:1::5", true],
  ["2001:db8::/32", "2001:db9::", false],
  ["2001:db8:0:0:0:0:0:1/128", "2001:db8::1", true],
  ["0.0.0.0/0", "1.2.3.4", true],
  ["0.0.0.0/0", "::1", false],
  ["10.0.0.0/8", "10.0.0", false],
  ["::/0", "1::2::3", false],
  ["::/0", "1:2:3:4:5:6:7", false],
])("%s and %s", (range, address, isIn) => {
  expect(takes({ cidr: range }, text(address))).toBe(isIn);
});

test("a mask is no longer than its address", () => {
  expect(() => takes({ cidr: "10.0.0.0/33" })).toThrow("Malformed CIDR, mask bits must not be over 32");
});
