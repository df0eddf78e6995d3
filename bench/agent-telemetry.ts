import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const VARIANTS = ["bare", "no-telemetry", "our-telemetry", "usual-telemetry"] as const;

type Variant = (typeof VARIANTS)[number];

const INIT_ROUNDS = 15;
const CPU_ROUNDS = 9;
const CPU_REQUESTS = 4_000;

const TRACED = {
  _X_AMZN_TRACE_ID: "Root=1-6923f4a0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  LAMBDA_TASK_ROOT: "/var/task",
} as const;

/** Telemetry's cost in CPU, start and bytes. */
export const bench: Bench = {
  description:
    "CPU, init time and bytes that telemetry adds to the agent, ours beside the usual Powertools set-up and a bare handler",
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "wrist-agent-bench-"));
    try {
      for (const entry of [...VARIANTS, "load"]) await bundleAgent(entry, folder);
      const figures = [...(await bytes(folder)), ...(await init(folder)), ...(await cpu(folder))];
      return [...figures, { name: "load average of the last minute", value: loadavg()[0] ?? 0, unit: "" }];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function bytes(folder: string): Promise<readonly Figure[]> {
  const sizes = new Map<Variant, number>();
  for (const variant of VARIANTS)
    sizes.set(variant, (await stat(join(folder, `${variant}.mjs`))).size / 1024);
  const base = sizes.get("no-telemetry") ?? Number.NaN;
  return [...sizes].flatMap(([variant, size]) => [
    { name: `bundle, ${variant}`, value: size, unit: "KiB" },
    ...(variant.endsWith("-telemetry") && variant !== "no-telemetry"
      ? [{ name: `bundle added by ${variant}`, value: (size / base - 1) * 100, unit: "%" }]
      : []),
  ]);
}

/**
 * Init is counted in CPU time: the wall clock of a busy machine includes its other work.
 *
 * Variants take turns, so that a noisy moment of the machine hits all of them.
 */
async function init(folder: string): Promise<readonly Figure[]> {
  const code = (variant: Variant): string =>
    `const start = process.cpuUsage(); await import(${bundlePath(folder, variant)}); const { user, system } = process.cpuUsage(start); tell((user + system) / 1000);`;
  const times = await measureInTurns(VARIANTS, INIT_ROUNDS, (variant) => measureInChild(code(variant), {}));
  return [
    ...VARIANTS.map((variant) => ({
      name: `init CPU, ${variant}`,
      value: median(times[variant]),
      unit: "ms",
    })),
    ...added("init CPU", "ms", times),
  ];
}

async function cpu(folder: string): Promise<readonly Figure[]> {
  const sink = createSocket("udp4");
  await new Promise<void>((resolve) => sink.bind(0, "127.0.0.1", resolve));
  const traced = { ...TRACED, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${sink.address().port}` };
  const code = (variant: Variant): string =>
    `const { cpuPerRequest } = await import(${bundlePath(folder, "load")});
     const { telemetryFor } = await import(${bundlePath(folder, variant)});
     tell(await cpuPerRequest(telemetryFor, ${CPU_REQUESTS}));`;
  const measured = VARIANTS.filter((variant) => variant !== "bare");
  const untraced = await measureInTurns(measured, CPU_ROUNDS, (each) => measureInChild(code(each), {}));
  const withTrace = await measureInTurns(measured, CPU_ROUNDS, (each) => measureInChild(code(each), traced));
  sink.close();
  return [
    { name: "CPU a request, no-telemetry", value: median(untraced["no-telemetry"]), unit: "us" },
    ...added("CPU a request", "us", untraced),
    ...added("CPU a traced request", "us", withTrace),
  ];
}

type Times = Readonly<Partial<Record<Variant, readonly number[]>>>;

async function measureInTurns(
  variants: readonly Variant[],
  rounds: number,
  measure: (variant: Variant) => Promise<number>,
): Promise<Times> {
  const times: Partial<Record<Variant, number[]>> = {};
  for (let round = 0; round < rounds; round++)
    for (const variant of variants) (times[variant] ??= []).push(await measure(variant));
  return times;
}

/**
 * What a variant adds: the median of the differences within a round, whose runs saw the same noise, and the
 * difference of the fastest runs, which saw the least of it.
 */
function added(what: string, unit: string, times: Times): readonly Figure[] {
  const base = times["no-telemetry"] ?? [];
  return (["our-telemetry", "usual-telemetry"] as const).flatMap((variant) => {
    const own = times[variant] ?? [];
    const differences = own.map((time, round) => time - (base[round] ?? Number.NaN));
    return [
      { name: `${what}, added by ${variant}`, value: median(differences), unit },
      {
        name: `${what}, added by ${variant}, fastest runs`,
        value: Math.min(...own) - Math.min(...base),
        unit,
      },
    ];
  });
}

function bundlePath(folder: string, entry: string): string {
  return JSON.stringify(join(folder, `${entry}.mjs`));
}

/** Some packages are CommonJS inside and call `require`, which an ES module has not. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles one file of bench/agent as the deployment bundles the agent: minified, one ES module. */
async function bundleAgent(entry: string, folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "agent", `${entry}.ts`)],
    outfile: join(folder, `${entry}.mjs`),
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["source"],
    banner: { js: BANNER },
    logLevel: "error",
  });
}

const CHILD_ENVIRONMENT = {
  STAGE: "bench",
  BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
  CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/bench/client-token",
  TIME_ZONE: "America/Los_Angeles",
  AWS_REGION: "us-west-2",
  AWS_LAMBDA_FUNCTION_NAME: "wrist-agent-bench",
} as const;

const PROLOGUE =
  'import { writeSync } from "node:fs"; const tell = (value) => writeSync(3, String(value));\n';

/** Runs code in a process of its own, whose `tell(number)` is the result; what it prints goes nowhere. */
async function measureInChild(code: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROLOGUE + code], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...CHILD_ENVIRONMENT, ...environment },
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [measured, said] = await Promise.all([readStream(child.stdio[3]), readStream(child.stdio[2])]);
  const status = await exited;
  if (status !== 0 || measured === "") throw new Error(`the measured process failed: ${said}`);
  return Number(measured);
}

function readStream(stream: unknown): Promise<string> {
  return text(stream as Readable);
}
