import { type FileResult, REPORTERS } from "cw-alarm-test/reporters";
import { describe, expect, test } from "vitest";

const RESULTS: readonly FileResult[] = [
  {
    file: "a,b.alarm-test.yaml",
    passed: false,
    expectations: [
      { line: 4, passed: true, text: "1m errors is OK", details: [] },
      {
        line: 5,
        passed: false,
        text: '2m "errors" is OK & 100% <quiet>',
        details: ["condition: x > 1", "StateReason: y"],
      },
    ],
    notes: [{ line: 2, text: "no alarm reads the series Shop Sales" }],
    templates: [],
  },
  { file: "bad.yaml", passed: false, error: { line: 3, text: 'state is "RED"' } },
];

describe("the reporter", () => {
  test("human shows failures, notes, and a count a file", () => {
    expect(REPORTERS.human(RESULTS).split("\n")).toEqual([
      'FAIL a,b.alarm-test.yaml:5: 2m "errors" is OK & 100% <quiet>',
      "  condition: x > 1",
      "  StateReason: y",
      "note a,b.alarm-test.yaml:2: no alarm reads the series Shop Sales",
      "FAIL a,b.alarm-test.yaml: 1 of 2 expectations met",
      'ERROR bad.yaml:3: state is "RED"',
    ]);
  });

  test("json holds everything", () => {
    expect(JSON.parse(REPORTERS.json(RESULTS))).toEqual({ passed: false, files: RESULTS });
  });

  test("junit escapes, counts, and tells failures from errors", () => {
    expect(REPORTERS.junit(RESULTS).split("\n")).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="cw-alarm-test" tests="3" failures="1" errors="1">',
      '  <testsuite name="a,b.alarm-test.yaml" tests="2" failures="1" errors="0">',
      '    <testcase classname="a,b.alarm-test.yaml" name="line 4: 1m errors is OK" file="a,b.alarm-test.yaml" line="4"/>',
      '    <testcase classname="a,b.alarm-test.yaml" name="line 5: 2m &quot;errors&quot; is OK &amp; 100% &lt;quiet&gt;" file="a,b.alarm-test.yaml" line="5">',
      '      <failure message="2m &quot;errors&quot; is OK &amp; 100% &lt;quiet&gt;">a,b.alarm-test.yaml:5: 2m &quot;errors&quot; is OK &amp; 100% &lt;quiet&gt;&#10;condition: x &gt; 1&#10;StateReason: y</failure>',
      "    </testcase>",
      "  </testsuite>",
      '  <testsuite name="bad.yaml" tests="1" failures="0" errors="1">',
      '    <testcase classname="bad.yaml" name="line 3: state is &quot;RED&quot;" file="bad.yaml" line="3">',
      '      <error message="state is &quot;RED&quot;">bad.yaml:3: state is &quot;RED&quot;</error>',
      "    </testcase>",
      "  </testsuite>",
      "</testsuites>",
    ]);
  });

  test("tap counts from 1 and shows details as YAML", () => {
    expect(REPORTERS.tap(RESULTS).split("\n")).toEqual([
      "TAP version 14",
      "1..3",
      "ok 1 - a,b.alarm-test.yaml:4: 1m errors is OK",
      'not ok 2 - a,b.alarm-test.yaml:5: 2m "errors" is OK & 100% <quiet>',
      "  ---",
      "  details:",
      '    - "condition: x > 1"',
      '    - "StateReason: y"',
      "  ...",
      'not ok 3 - bad.yaml:3: state is "RED"',
      "  ---",
      "  details:",
      "  ...",
    ]);
  });

  test("github annotates files and lines", () => {
    expect(REPORTERS.github(RESULTS).split("\n").slice(0, 3)).toEqual([
      '::error file=a%2Cb.alarm-test.yaml,line=5,title=Alarm test::2m "errors" is OK & 100%25 <quiet>%0Acondition: x > 1%0AStateReason: y',
      "::notice file=a%2Cb.alarm-test.yaml,line=2,title=Alarm test::no alarm reads the series Shop Sales",
      '::error file=bad.yaml,line=3,title=Alarm test::state is "RED"',
    ]);
  });
});
