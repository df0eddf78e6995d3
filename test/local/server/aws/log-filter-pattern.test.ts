import { describe, expect, test } from "vitest";
import { filterPattern } from "../../../../local/server/aws/log-filter-pattern.ts";

/** AWS's examples are about an event like this one. */
const EVENT = {
  eventType: "UpdateTrail",
  sourceIPAddress: "111.111.111.111",
  arrayKey: ["value", "another value"],
  objectList: [
    { name: "a", id: 1 },
    { name: "b", id: 2 },
  ],
  SomeObject: null,
  ThisFlag: true,
  off: false,
  bandwidth: 75.5,
  text: "200",
  "dotted.name": "yes",
};

describe("a pattern on JSON", () => {
  test.each<[string, boolean]>([
    ['{ $.eventType = "UpdateTrail" }', true],
    ["{ $.eventType = UpdateTrail }", true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = "update*" }', false],
    ["{ $.eventType = %Trail$% }", true],
    ['{ $.sourceIPAddress != "123.123.*" }', true],
    ['{ $.none != "x" }', false],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[*] = "another value" }', true],
    ['{ $.arrayKey[*] = "none" }', false],
    ["{ $.objectList[1].id = 2 }", true],
    ["{ $.objectList[*].id > 1 }", true],
    ["{ $.bandwidth > 75 }", true],
    ["{ $.bandwidth <= 75.5 && $.bandwidth >= 7.55e1 }", true],
    ["{ $.bandwidth < 75 }", false],
    ["{ $.bandwidth != 3 }", true],
    ["{ $.text = 200 }", true],
    ["{ $.eventType > 1 }", false],
    ["{ $.SomeObject IS NULL }", true],
    ["{ $.none IS NULL }", false],
    ["{ $.none NOT EXISTS }", true],
    ["{ $.ThisFlag NOT EXISTS }", false],
    ["{ $.ThisFlag EXISTS }", true],
    ["{ $.ThisFlag IS TRUE }", true],
    ["{ $.off IS FALSE }", true],
    ["{ $.off IS TRUE }", false],
    ['{ $.["dotted.name"] = "yes" }', true],
    ['{ ($.bandwidth > 100 || $.ThisFlag IS TRUE) && $.eventType = "UpdateTrail" }', true],
    ['{ $.bandwidth > 100 && $.ThisFlag IS TRUE || $.eventType = "none" }', false],
  ])("%s: %s", (pattern, expected) => {
    expect(filterPattern(pattern)(JSON.stringify(EVENT))).toBe(expected);
  });

  test("matches no line that is no JSON", () => {
    expect(filterPattern("{ $.none NOT EXISTS }")("plain text")).toBe(false);
  });
});

const LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

describe("a pattern on words", () => {
  test.each<[string, boolean]>([
    ["[ip, server, user, time, request, status, bytes]", true],
    ["[ip, server, user]", false],
    ["[ip, server, user, time, request, status = 4*, bytes]", true],
    ["[ip, ..., status = 404, bytes > 1000]", true],
    ["[ip, ..., status = 404, bytes > 2000]", false],
    ["[..., request = *index.html*, status, bytes]", true],
    ["[ip, server, user = bob, ...]", false],
    ["[ip, server, user = bob || user = frank, ...]", true],
    ["[ip, server, user != bob && user != ann, ...]", true],
    ["[ip=%127\\.0\\.0\\.[1-9]%, ...]", true],
  ])("%s: %s", (pattern, expected) => {
    expect(filterPattern(pattern)(LINE)).toBe(expected);
  });
});

test.each([
  ["{ $.a = }", "expected a value, found }"],
  ["{ $.a }", "expected a comparison, found }"],
  ["{ a = 1 }", "expected a field, found a"],
  ["{ $.a = 1", "expected }, found the end"],
  ["{ $.a IS 1 }", "expected NULL, TRUE or FALSE, found 1"],
  ['{ $.a > "x" }', "> compares numbers only"],
  ["{ $.a = 1 } b", "found b behind its end"],
  ["{ $.a = %(% }", "Invalid regular expression: ("],
  ["[a b]", "expected"],
  ["{ $.a & 1 }", "Invalid character(s) in filter pattern"],
])("%s is refused: %s", (pattern, message) => {
  expect(() => filterPattern(pattern)("{}")).toThrow(message);
});
