import { afterEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Invocation } from "../../../local/function/lambda-function.ts";
import { functionBench } from "./function-bench.ts";
import type { FunctionBench } from "./function-bench.ts";

const ID = "8f5a1a0e-0000-4000-8000-000000000001";
let bench: FunctionBench | undefined;

afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

function make(...given: Parameters<typeof functionBench>): FunctionBench {
  return (bench = functionBench(...given));
}

function invoke({ lambda }: FunctionBench, event: unknown = {}, requestId = ID): Promise<Invocation> {
  return lambda.invoke(event, { requestId });
}

function result(invocation: Invocation): unknown {
  if (invocation.kind !== "result") throw new Error(`not a result: ${JSON.stringify(invocation)}`);
  return JSON.parse(invocation.payload);
}

describe("a healthy function", () => {
  test("answers with the handler's result and stays warm for the next event", async () => {
    const it = make("let n = 0; export const handler = async (event) => ({ n: ++n, got: event.x });");
    expect(result(await invoke(it, { x: 1 }))).toEqual({ n: 1, got: 1 });
    expect(result(await invoke(it, { x: 2 }))).toEqual({ n: 2, got: 2 });
    expect(it.invocations.map(({ initDurationMs }) => initDurationMs !== undefined)).toEqual([true, false]);
    expect(it.invocations[0]).toMatchObject({
      functionName: "wrist-agent-test",
      qualifier: "live",
      executedVersion: "1",
      requestId: ID,
      status: "success",
      concurrentExecutions: 1,
    });
    expect(it.invocations[0]?.maxMemoryUsedMb).toBeGreaterThan(0);
  });

  test("writes INIT_START, START, END and REPORT around the handler's lines", async () => {
    const it = make(
      `console.log("loading");
       export const handler = async () => { console.warn("hi %s\\nthere", "you"); process.stdout.write('{"raw":1}\\n{"raw":2}'); };`,
    );
    await invoke(it);
    await invoke(it);
    const lines = it.messages();
    const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    const expected = [
      "^INIT_START Runtime Version: nodejs:24\\.local\\tRuntime Version ARN: arn:aws:lambda:us-west-2::runtime:local$",
      `^${time}\\tundefined\\tINFO\\tloading$`,
      `^START RequestId: ${ID} Version: 1$`,
      `^${time}\\t${ID}\\tWARN\\thi you\\nthere$`,
      '^\\{"raw":1\\}$',
      '^\\{"raw":2\\}$',
      `^END RequestId: ${ID}$`,
      `^REPORT RequestId: ${ID}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: \\d+ ms\\tMemory Size: 128 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: \\d+\\.\\d\\d ms$`,
    ];
    expected.forEach((pattern, index) => expect(lines[index]).toMatch(new RegExp(pattern)));
    expect(lines.slice(8).map((line) => line.split(/[ \t]/)[0])).not.toContain("INIT_START");
    expect(lines.at(-1)).not.toContain("Init Duration");
    expect(it.logs[0]?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[1\][0-9a-f]{32}$/);
    expect(it.logs[0]?.logGroupName).toBe("/aws/lambda/wrist-agent-test");
  });

  test("tells its lines to whoever listens to one invocation, and to nobody else's", async () => {
    const it = make(`export const handler = async ({ n }) => console.log("n is " + n);`);
    const heard: string[] = [];
    await invoke(it, { n: 1 });
    await it.lambda.invoke({ n: 2 }, { requestId: ID, onLogLine: (line) => heard.push(line) });
    await invoke(it, { n: 3 });
    expect(heard.map((line) => line.split(/[ \t]/)[0]).filter((word) => /^[A-Z]+$/.test(word ?? ""))).toEqual(
      ["START", "END", "REPORT"],
    );
    expect(heard.filter((line) => line.includes("n is"))).toEqual([
      expect.stringContaining("n is 2") as string,
    ]);
  });

  test("keeps no environment once it is retired", async () => {
    const it = make("let n = 0; export const handler = async () => ++n;");
    const underWay = invoke(it);
    await it.lambda.retire();
    expect(result(await underWay)).toBe(1);
    expect(result(await invoke(it))).toBe(1);
  });

  test("sees Lambda's environment and its own, and nothing of the caller's", async () => {
    process.env.WRIST_AGENT_LEAK = "yes";
    const it = make("export const handler = async () => process.env;", {
      environment: { STAGE: "test", TZ: "x" },
    });
    const seen = result(await invoke(it)) as Record<string, string>;
    delete process.env.WRIST_AGENT_LEAK;
    expect(Object.keys(seen).sort()).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_EXECUTION_ENV",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
      "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION",
      "AWS_LAMBDA_INITIALIZATION_TYPE",
      "AWS_LAMBDA_LOG_FORMAT",
      "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME",
      "AWS_REGION",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "LAMBDA_RUNTIME_DIR",
      "LAMBDA_TASK_ROOT",
      "LANG",
      "PATH",
      "STAGE",
      "TZ",
      "_HANDLER",
      "_X_AMZN_TRACE_ID",
    ]);
    expect(seen).toMatchObject({ TZ: ":UTC", STAGE: "test", AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" });
    expect(seen._X_AMZN_TRACE_ID).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  });

  test("hears nothing of the SDK's warning about the laptop's own Node.js, and all of other warnings", async () => {
    const it = make(
      `process.emitWarning("NodeVersionSupportWarning: too old"); process.emitWarning("mind", "OtherWarning");
       export const handler = () => new Promise((resolve) => setImmediate(resolve));`,
    );
    await invoke(it);
    const text = it.messages().join();
    expect(text).not.toContain("too old");
    expect(text).toContain("OtherWarning: mind");
  });

  test("gives the handler Lambda's context", async () => {
    const it = make(
      "export const handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() });",
    );
    const seen = result(await invoke(it)) as Record<string, unknown>;
    expect(seen).toMatchObject({
      functionName: "wrist-agent-test",
      functionVersion: "1",
      memoryLimitInMB: "128",
      awsRequestId: ID,
      invokedFunctionArn: "arn:aws:lambda:us-west-2:123456789012:function:wrist-agent-test:live",
      logGroupName: "/aws/lambda/wrist-agent-test",
    });
    expect(seen.left).toBeGreaterThan(15_000);
    expect(seen.left).toBeLessThanOrEqual(20_000);
  });

  test("may be a CommonJS module, may answer without a promise, and may answer nothing", async () => {
    const it = make("exports.handler = () => undefined;", { file: "index.js" });
    expect(await invoke(it)).toEqual({ kind: "result", payload: "null" });
  });

  test("gets an environment for each of two events at once", async () => {
    const it = make(
      "let n = 0; export const handler = async () => { n++; await new Promise((r) => setTimeout(r, 50)); return n; };",
    );
    const results = await Promise.all([invoke(it, {}, "a"), invoke(it, {}, "b")]);
    expect(results.map(result)).toEqual([1, 1]);
    expect(it.invocations.map(({ concurrentExecutions }) => concurrentExecutions).sort()).toEqual([1, 2]);
    expect(new Set(it.logs.map(({ logStreamName }) => logStreamName)).size).toBe(2);
  });

  test("is throttled beyond its reserved concurrency", async () => {
    const it = make("export const handler = async () => 1;", { reservedConcurrency: 1 });
    const [first, second] = await Promise.all([invoke(it, {}, "a"), invoke(it, {}, "b")]);
    expect(first.kind).toBe("result");
    expect(second).toEqual({ kind: "throttled" });
    expect(it.invocations.find(({ requestId }) => requestId === "b")?.status).toBe("throttled");
  });

  test("starts cold again after ten idle minutes", async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 1));
    const it = make("export const handler = async () => 1;", { clock });
    await invoke(it);
    await clock.advance(9 * 60_000);
    await invoke(it);
    await clock.advance(11 * 60_000);
    await invoke(it);
    expect(it.invocations.map(({ initDurationMs }) => initDurationMs !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("the handler's date", () => {
  const SOURCE = `const atLoad = Date.now();
    export const handler = async () => ({ atLoad, now: Date.now(), iso: new Date().toISOString(), text: Date(),
      fixed: new Date(5).getTime(), is: new Date() instanceof Date, same: new Date().constructor === Date });`;

  test("follows a manual clock, from loading on", async () => {
    const startMs = Date.UTC(2030, 5, 1, 12);
    const clock = new ManualClock(startMs);
    const it = make(SOURCE, { clock });
    await invoke(it);
    await clock.advance(3_600_000);
    const seen = result(await invoke(it)) as Record<string, unknown>;
    expect(seen).toMatchObject({ fixed: 5, is: true, same: true });
    expect(seen.atLoad).toBeGreaterThanOrEqual(startMs);
    expect(seen.now).toBeGreaterThanOrEqual(startMs + 3_600_000);
    // What a busy machine takes is less than another hour.
    expect(seen.now).toBeLessThan(startMs + 2 * 3_600_000);
    expect(seen.iso).toMatch(/^2030-06-01T13:/);
    expect(seen.text).toContain("2030");
    expect(it.logs.every(({ timestampMs }) => timestampMs >= startMs)).toBe(true);
  });

  test("is the system's own with the system's clock", async () => {
    const it = make("export const handler = async () => [Date.now.toString(), Date.toString()];");
    const seen = result(await invoke(it)) as string[];
    expect(seen).toEqual(["function now() { [native code] }", "function Date() { [native code] }"]);
  });
});

describe("a failing handler", () => {
  const failures = [
    {
      name: "throws",
      body: 'throw new TypeError("boom")',
      error: { errorType: "TypeError", errorMessage: "boom" },
      line: /\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"boom","stack":\["TypeError: boom"/,
      warm: true,
    },
    {
      name: "throws something that is no error",
      body: 'throw "boom"',
      error: { errorType: "string", errorMessage: "boom" },
      line: /Invoke Error/,
      warm: true,
    },
    {
      name: "returns what JSON cannot say",
      body: "return 1n",
      error: { errorType: "Runtime.JSONStringifyError" },
      line: /Unable to stringify response body/,
      warm: true,
    },
    {
      name: "leaves a rejection unhandled",
      body: 'Promise.reject(new Error("lost")); await new Promise(() => setTimeout(() => {}, 5000))',
      error: { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: "Error: lost" },
      line: /\tERROR\tUnhandled Promise Rejection \t\{"errorType":"Runtime.UnhandledPromiseRejection"/,
      warm: false,
    },
    {
      name: "throws where nobody catches",
      body: 'setTimeout(() => { throw new Error("late") }); await new Promise(() => setTimeout(() => {}, 5000))',
      error: { errorType: "Error", errorMessage: "late" },
      line: /\tERROR\tUncaught Exception \t/,
      warm: false,
    },
    {
      name: "exits with a code",
      body: "process.exit(3)",
      error: {
        errorType: "Runtime.ExitError",
        errorMessage: `RequestId: ${ID} Error: Runtime exited with error: exit status 3`,
      },
      line: /exit status 3\nRuntime.ExitError$/,
      warm: false,
    },
    {
      name: "exits as if all were well",
      body: "process.exit(0)",
      error: { errorMessage: `RequestId: ${ID} Error: Runtime exited without providing a reason` },
      line: /without providing a reason/,
      warm: false,
    },
    {
      name: "runs out of memory",
      body: 'const all = []; for (;;) all.push(new Array(100000).fill("x" + all.length))',
      error: {
        errorType: "Runtime.ExitError",
        errorMessage: `RequestId: ${ID} Error: Runtime exited with error: signal: aborted`,
      },
      line: /JavaScript heap out of memory/,
      warm: false,
    },
  ];

  test.each(failures)("that $name is reported as Lambda does", async ({ body, error, line, warm }) => {
    const it = make(
      `export const handler = async (event) => { if (event.good) return "fine"; console.log("before"); ${body}; };`,
    );
    const failed = await invoke(it);
    expect(failed).toMatchObject({ kind: "error", error });
    expect(it.messages().some((message) => message.endsWith("before"))).toBe(true);
    expect(it.messages().some((message) => line.test(message))).toBe(true);
    const report = it.messages().at(-1);
    expect(report).toMatch(/^REPORT /);
    expect(report?.includes("Status: error\tError Type: ")).toBe(!warm);
    expect(result(await invoke(it, { good: true }))).toBe("fine");
    expect(it.invocations.map(({ status }) => status)).toEqual(["error", "success"]);
    expect(it.invocations[1]?.initDurationMs === undefined).toBe(warm);
  });

  test("is killed at its timeout even in an endless loop, with the lines it wrote before", async () => {
    const it = make(
      'export const handler = async (event) => { if (event.good) return 1; console.log("last words"); for (;;); };',
      { timeoutSeconds: 3 },
    );
    const timedOut = await invoke(it);
    expect(timedOut).toEqual({
      kind: "timeout",
      error: {
        errorType: "Sandbox.Timedout",
        errorMessage: `RequestId: ${ID} Error: Task timed out after 3.00 seconds`,
      },
    });
    const tail = it.messages().slice(-4);
    expect(tail[0]).toMatch(/last words$/);
    expect(tail[1]).toMatch(new RegExp(`^\\S+Z ${ID} Task timed out after 3\\.00 seconds$`));
    expect(tail[3]).toMatch(/Duration: 3000\.00 ms\t.*Status: timeout$/);
    expect(it.invocations[0]).toMatchObject({ status: "timeout", durationMs: 3000 });
    expect(result(await invoke(it, { good: true }))).toBe(1);
  });
});

describe("a CommonJS function", () => {
  test("is required as Lambda does: of its exports the handler alone is looked at", async () => {
    const it = make(
      `exports.handler = async () => require("node:path").basename(__filename);
       Object.defineProperty(exports, "other", { enumerable: true, get() { throw new Error("looked at"); } });`,
      { file: "index.cjs" },
    );
    expect(result(await invoke(it))).toBe("index.cjs");
  });

  test.each<[string, string, string, RegExp]>([
    ["a syntax error", "exports.handler = ;", "Runtime.UserCodeSyntaxError", /^SyntaxError: /],
    [
      "a package that is not there",
      'require("no-such-package");',
      "Runtime.ImportModuleError",
      /no-such-pack/,
    ],
  ])("that cannot start because of %s says so", async (_of, ...given) => {
    const [source, errorType, message] = given;
    const failed = await invoke(make(source, { file: "index.cjs" }));
    if (failed.kind !== "error") throw new Error(failed.kind);
    expect(failed.error.errorType).toBe(errorType);
    expect(failed.error.errorMessage).toMatch(message);
  });
});

describe("a function that cannot start", () => {
  test.each<[string, string, { handler?: string }, string, RegExp]>([
    ["a syntax error", "export const handler = ;", {}, "Runtime.UserCodeSyntaxError", /^SyntaxError: /],
    [
      "an export that is not there",
      "export const other = 1;",
      {},
      "Runtime.HandlerNotFound",
      /^index.handler is undefined or not exported$/,
    ],
    [
      "an export that is no function",
      "export const handler = 1;",
      {},
      "Runtime.HandlerNotFound",
      /is not a function$/,
    ],
    [
      "a file that is not there",
      "",
      { handler: "gone.handler" },
      "Runtime.ImportModuleError",
      /^Error: Cannot find module 'gone'/,
    ],
    [
      "a package that is not there",
      'import "no-such-package";',
      {},
      "Runtime.ImportModuleError",
      /no-such-package/,
    ],
    ["a malformed handler name", "", { handler: "nodots" }, "Runtime.MalformedHandlerName", /^Bad handler$/],
    [
      "a callback handler",
      "export const handler = (event, context, callback) => callback();",
      {},
      "Runtime.CallbackHandlerDeprecated",
      /callback-based/,
    ],
    ["an error while it loads", 'throw new RangeError("at load");', {}, "RangeError", /^at load$/],
    ["an exit while it loads", "process.exit(1);", {}, "Runtime.ExitError", /exit status 1/],
  ])("because of %s says so, each time again", async (_name, ...given) => {
    const [source, changes, errorType, message] = given;
    const it = make(source, changes);
    const failed = await invoke(it);
    if (failed.kind !== "error") throw new Error(failed.kind);
    expect(failed.error.errorType).toBe(errorType);
    expect(failed.error.errorMessage).toMatch(message);
    expect(it.messages().find((line) => line.startsWith("INIT_REPORT"))).toContain(
      `Error Type: ${errorType}`,
    );
    await invoke(it);
    expect(it.messages().filter((line) => line.startsWith("INIT_START"))).toHaveLength(2);
    expect(it.invocations.map(({ status }) => status)).toEqual(["error", "error"]);
  });

  /** Sooner than any worker can be there. */
  const TOO_SOON = { initLimitMs: 1 };

  test("in its first time is loaded once more within the invocation, in the same log stream", async () => {
    const it = make("export const handler = async () => process.env.AWS_LAMBDA_LOG_STREAM_NAME;", TOO_SOON);
    const stream = result(await invoke(it));
    expect(new Set(it.logs.map(({ logStreamName }) => logStreamName))).toEqual(new Set([stream]));
    expect(it.messages().map((line) => line.split(/[ \t]/)[0])).toEqual([
      "INIT_START",
      "INIT_REPORT",
      "START",
      "END",
      "REPORT",
    ]);
    expect(it.messages()[1]).toMatch(/^INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: timeout$/);
    expect(it.invocations).toMatchObject([{ status: "success" }]);
    // The time of the second loading is part of the invocation's.
    expect(it.invocations[0]?.initDurationMs).toBeUndefined();
    await invoke(it);
    expect(it.messages().filter((line) => line.startsWith("INIT_"))).toHaveLength(2);
  });

  test("within the invocation's time either is a timeout of the function", async () => {
    const it = make("await new Promise(() => setTimeout(() => {}, 1e9));", {
      ...TOO_SOON,
      timeoutSeconds: 0.2,
    });
    expect(await invoke(it)).toMatchObject({
      kind: "timeout",
      error: { errorMessage: `RequestId: ${ID} Error: Task timed out after 0.20 seconds` },
    });
    expect(it.messages().filter((line) => line.startsWith("INIT_REPORT"))).toEqual([
      expect.stringMatching(/\tPhase: init\tStatus: timeout$/),
      expect.stringMatching(/\tPhase: invoke\tStatus: timeout$/),
    ]);
    expect(it.invocations).toMatchObject([{ status: "timeout", durationMs: 200 }]);
  });

  test("because of its runtime is refused by name", () => {
    expect(() => make("", { runtime: "python3.13" })).toThrow(
      "function wrist-agent-test has runtime python3.13, which the local runtime does not run: use nodejs24.x",
    );
  });
});

describe("the JSON log format", () => {
  const SOURCE = `export const handler = async (event) => {
    console.debug("hidden"); console.info("shown", 1); console.log({ a: 1 });
    console.error(new Error("bad")); process.stdout.write('{"_aws":{}}\\n'); if (event.fail) throw new Error("boom"); };`;

  const RAW = [
    '{"_aws":{}}',
    '{"level":"ERROR","n":1}',
    '{"level":"debug","n":2}',
    "no json",
    '{"level":"loud"}',
  ];
  test.each([
    ["DEBUG", RAW],
    ["INFO", RAW.filter((line) => !line.includes("debug"))],
    // A line without a level that Lambda knows counts as INFO: that is how a metric gets lost.
    ["WARN", RAW.filter((line) => line.includes("ERROR"))],
    ["FATAL", []],
  ] as const)("at ApplicationLogLevel %s drops lines that the function wrote itself", async (level, kept) => {
    const source = `export const handler = async () => void process.stdout.write(${JSON.stringify(`${RAW.join("\n")}\n`)});`;
    const it = make(source, { logFormat: "JSON", applicationLogLevel: level });
    await invoke(it);
    expect(it.messages().filter((line) => !line.includes("platform."))).toEqual(kept);
  });

  test("wraps console lines above the level and leaves raw lines alone", async () => {
    const it = make(SOURCE, { logFormat: "JSON", applicationLogLevel: "INFO" });
    await invoke(it);
    expect(it.messages()).toContain('{"_aws":{}}');
    const lines = it.messages().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ type }) => type)).toEqual([
      "platform.initStart",
      "platform.start",
      undefined,
      undefined,
      undefined,
      undefined,
      "platform.report",
    ]);
    expect(lines[2]).toMatchObject({ level: "INFO", requestId: ID, message: "shown 1" });
    expect(lines[3]).toMatchObject({ level: "INFO", message: { a: 1 } });
    expect(lines[4]).toMatchObject({ level: "ERROR", errorType: "Error", errorMessage: "bad" });
    expect(lines[6]).toMatchObject({
      record: {
        requestId: ID,
        status: "success",
        metrics: { memorySizeMB: 128, initDurationMs: expect.any(Number) as number },
      },
    });
  });

  test.each([
    ["DEBUG", {}, ["initStart", "start", "runtimeDone", "report"]],
    ["WARN", {}, []],
    ["WARN", { fail: true }, ["runtimeDone", "report"]],
  ] as const)("at system level %s with event %j keeps %j", async (systemLogLevel, event, kept) => {
    const it = make(SOURCE, { logFormat: "JSON", systemLogLevel });
    await invoke(it, event);
    const types = it.messages().flatMap((line) => /"type":"platform\.(\w+)"/.exec(line)?.[1] ?? []);
    expect(types).toEqual(kept);
  });
});

test("an invocation whose environment is not there yet when it stops, or that comes later, ends in an error", async () => {
  const it = make("export const handler = () => new Promise(() => setTimeout(() => {}, 60000));");
  const pending = invoke(it);
  await it.lambda.stop();
  expect((await pending).kind).toBe("error");
  expect((await invoke(it)).kind).toBe("error");
});

test("stopping ends an invocation under way in an error and leaves nothing running", async () => {
  const it = make("export const handler = () => new Promise(() => setTimeout(() => {}, 60000));");
  const pending = invoke(it);
  while (!it.messages().some((line) => line.startsWith("START"))) await new Promise((r) => setImmediate(r));
  await it.lambda.stop();
  expect((await pending).kind).toBe("error");
});
