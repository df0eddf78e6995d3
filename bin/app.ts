import { join } from "node:path";
import { wristAgentApp } from "../lib/app.ts";
import { ConfigError } from "../lib/config/setting.ts";

try {
  wristAgentApp({
    project: join(import.meta.dirname, ".."),
    outdir: process.env.CDK_OUTDIR,
    validation: "in the tests",
    environment: process.env,
  }).synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
