import type { ExpectationResult } from "./run-alarm-test.ts";
import { alarmTestReport, type AlarmTestResult, type UnusableTest } from "./test-alarms.ts";

/** What became of a file. */
export type FileResult = AlarmTestResult | UnusableTest;

/** Writes results as the reader wants them. */
type Reporter = (results: readonly FileResult[]) => string;

/** The ways to show results, by name. */
export const REPORTERS = {
  human: alarmTestReport,
  json: (results) => JSON.stringify({ passed: results.every(({ passed }) => passed), files: results }),
  junit: junitReport,
  tap: tapReport,
  github: githubReport,
} as const satisfies Readonly<Record<string, Reporter>>;

/** A way to show results. */
export type ReporterName = keyof typeof REPORTERS;

/** One checked thing of a file: an expectation, or the file itself when it could not be run. */
interface Case {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  readonly details: readonly string[];
  readonly kind: "expectation" | "unusable file";
}

function casesOf(result: FileResult): readonly Case[] {
  if ("error" in result) {
    const { line, text } = result.error;
    return [{ name: text, line, passed: false, details: [], kind: "unusable file" }];
  }
  return result.expectations.map(({ text, line, passed, details }: ExpectationResult) => ({
    name: text,
    line,
    passed,
    details,
    kind: "expectation",
  }));
}

/** JUnit's XML, one suite a file. */
function junitReport(results: readonly FileResult[]): string {
  const all = results.flatMap(casesOf);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cw-alarm-test" ${counts(all)}>`,
    ...results.flatMap(junitSuite),
    "</testsuites>",
  ].join("\n");
}

function counts(cases: readonly Case[]): string {
  const failed = (kind: Case["kind"]): number =>
    cases.filter((each) => !each.passed && each.kind === kind).length;
  return `tests="${cases.length}" failures="${failed("expectation")}" errors="${failed("unusable file")}"`;
}

function junitSuite(result: FileResult): readonly string[] {
  const cases = casesOf(result);
  return [
    `  <testsuite name="${xmlText(result.file)}" ${counts(cases)}>`,
    ...cases.flatMap((each) => junitCase(each, result.file)),
    "  </testsuite>",
  ];
}

function junitCase({ name, line, passed, details, kind }: Case, file: string): readonly string[] {
  const open = `    <testcase classname="${xmlText(file)}" name="${xmlText(`line ${line}: ${name}`)}" file="${xmlText(file)}" line="${line}"`;
  if (passed) return [`${open}/>`];
  const element = kind === "expectation" ? "failure" : "error";
  const text = xmlText([`${file}:${line}: ${name}`, ...details].join("\n"));
  return [`${open}>`, `      <${element} message="${xmlText(name)}">${text}</${element}>`, "    </testcase>"];
}

const XML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

// oxlint-disable-next-line no-control-regex -- exactly the characters that XML 1.0 cannot hold
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

function xmlText(text: string): string {
  return text.replaceAll(NOT_XML, "").replaceAll(/[&<>"\n]/g, (mark) => XML[mark] ?? mark);
}

/** Test Anything Protocol, version 14. https://testanything.org/tap-version-14-specification.html */
function tapReport(results: readonly FileResult[]): string {
  const cases = results.flatMap((result) => casesOf(result).map((each) => ({ ...each, file: result.file })));
  return [
    "TAP version 14",
    `1..${cases.length}`,
    ...cases.flatMap(({ file, line, name, passed, details }, index) => [
      `${passed ? "ok" : "not ok"} ${index + 1} - ${file}:${line}: ${tapText(name)}`,
      ...(passed
        ? []
        : ["  ---", "  details:", ...details.map((detail) => `    - ${JSON.stringify(detail)}`), "  ..."]),
    ]),
  ].join("\n");
}

function tapText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("#", "\\#").replaceAll("\n", " ");
}

/** Annotations of a GitHub workflow at file and line, and then the results as a person reads them. */
function githubReport(results: readonly FileResult[]): string {
  const annotations = results.flatMap((result) => [
    ...casesOf(result)
      .filter(({ passed }) => !passed)
      .map(({ line, name, details }) =>
        annotation("error", { file: result.file, line, text: [name, ...details].join("\n") }),
      ),
    ...("notes" in result ? result.notes : []).map((note) =>
      annotation("notice", { file: result.file, ...note }),
    ),
  ]);
  return [...annotations, alarmTestReport(results)].join("\n");
}

interface Annotation {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function annotation(kind: "error" | "notice", { file, line, text }: Annotation): string {
  return `::${kind} file=${workflowProperty(file)},line=${line},title=Alarm test::${workflowText(text)}`;
}

function workflowText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function workflowProperty(text: string): string {
  return workflowText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
