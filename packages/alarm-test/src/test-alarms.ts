import { readFile } from "node:fs/promises";
import { type AlarmTest, AlarmTestError, type Expectation } from "./alarm-test.ts";
import type { Assembly } from "./cloud-assembly.ts";
import type { TestNote } from "./fed-series.ts";
import { readAlarmTest } from "./read-alarm-test.ts";
import { type ExpectationResult, runAlarmTest } from "./run-alarm-test.ts";
import { AssemblyError } from "./template.ts";
import { templateAlarms, type TemplateAlarms } from "./template-alarms.ts";
import { loadTemplateAlarms } from "./template-sources.ts";

/** What became of one file of alarm tests. */
export interface AlarmTestResult {
  readonly file: string;
  readonly passed: boolean;
  readonly expectations: readonly ExpectationResult[];
  readonly notes: readonly TestNote[];
  /** The templates that it read, for whoever watches them. */
  readonly templates: readonly string[];
}

/** A file that could not be run, and why. */
export interface UnusableTest {
  readonly file: string;
  readonly passed: false;
  readonly error: TestNote;
}

/** Synthesises an app with settings as after `-c`, and reads the assembly. */
export type SynthesiseApp = (settings: Readonly<Record<string, string>>) => Promise<Assembly>;

/** How files of alarm tests are run. */
export interface TestOptions {
  /** A file with `app` is refused when missing. */
  readonly synthesise?: SynthesiseApp;
  /** Only expectations whose alarm or subject contains this text, whatever the case; all when missing. */
  readonly filter?: string;
}

/** Runs one file of alarm tests; a file that cannot be run is an {@link AlarmTestError}. */
export async function testAlarms(file: string, options: TestOptions = {}): Promise<AlarmTestResult> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AlarmTestError(
      { file, line: 1 },
      `cannot be read (${(cause as Error).message}): give the path of a test file`,
    );
  });
  const test = filtered(readAlarmTest(text, file), options.filter);
  const { expectations, notes } = runAlarmTest(test, await alarmsOfTest(test, options));
  const passed = expectations.every((result) => result.passed);
  return { file, passed, expectations, notes, templates: test.templates };
}

/** Runs files one after the other; one that cannot be run hides no other. */
export async function testFiles(
  files: readonly string[],
  options: TestOptions = {},
): Promise<readonly (AlarmTestResult | UnusableTest)[]> {
  const results: (AlarmTestResult | UnusableTest)[] = [];
  for (const file of files) results.push(await testAlarms(file, options).catch(unusableTest));
  return results;
}

function unusableTest(error: unknown): UnusableTest {
  if (!(error instanceof AlarmTestError)) throw error;
  return { file: error.file, passed: false, error: { line: error.line, text: error.detail } };
}

/** Loads the alarms that a test is about: all of its templates, or those of the app that it names. */
async function alarmsOfTest(test: AlarmTest, { synthesise }: TestOptions): Promise<TemplateAlarms> {
  if (test.app === undefined) return templatesOf(test);
  if (synthesise === undefined)
    throw new AlarmTestError(
      { file: test.file, line: 1 },
      "app is for the command of the app's own repository: give template, the path of a template or of cdk.out",
    );
  return templateAlarms((await synthesise(test.app)).stacks);
}

async function templatesOf(test: AlarmTest): Promise<TemplateAlarms> {
  const { imports, parameters, physical, resolve } = test;
  try {
    return await loadTemplateAlarms(test.templates, { imports, parameters, physical, resolve });
  } catch (error) {
    if (error instanceof AssemblyError) throw new AlarmTestError({ file: test.file, line: 1 }, error.message);
    throw error;
  }
}

function filtered(test: AlarmTest, filter: string | undefined): AlarmTest {
  if (filter === undefined) return test;
  const wanted = filter.toLowerCase();
  const matches = (expected: Expectation): boolean => {
    const text = expected.kind === "mail" ? expected.subject : JSON.stringify(expected.alarm);
    return text.toLowerCase().includes(wanted);
  };
  return { ...test, expectations: test.expectations.filter(matches) };
}

/** The results in lines of text: failures with what the alarm saw, notes, then a count per file. */
export function alarmTestReport(results: readonly (AlarmTestResult | UnusableTest)[]): string {
  return results.flatMap(resultLines).join("\n");
}

function resultLines(result: AlarmTestResult | UnusableTest): readonly string[] {
  if ("error" in result) return [`ERROR ${result.file}:${result.error.line}: ${result.error.text}`];
  const { file, passed, expectations, notes } = result;
  const failures = expectations.filter((each) => !each.passed);
  const met = expectations.length - failures.length;
  return [
    ...failures.flatMap(({ line, text, details }) => [
      `FAIL ${file}:${line}: ${text}`,
      ...details.map((detail) => `  ${detail}`),
    ]),
    ...notes.map(({ line, text }) => `note ${file}:${line}: ${text}`),
    `${passed ? "ok" : "FAIL"} ${file}: ${met} of ${expectations.length} expectations met`,
  ];
}
