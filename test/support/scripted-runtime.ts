import { startRuntime, type Runtime } from "../../local/runtime.ts";
import type { RuntimeOptions } from "../../local/runtime/runtime-options.ts";

/** What a test says of its system; the rest is as most tests want it. */
export type ScriptedRuntimeOptions = Pick<RuntimeOptions, "assemblyDirectory" | "dataDirectory" | "clock"> &
  Partial<RuntimeOptions>;

/** Starts the system on free ports, with a model that answers at once and by its script. */
export function startScriptedRuntime(options: ScriptedRuntimeOptions): Promise<Runtime> {
  return startRuntime({
    stage: "development",
    ports: { page: 0, url: 0, aws: 0 },
    model: "scripted",
    latency: "none",
    requestColumns: [],
    callerEnvironment: {},
    ...options,
  });
}

/** How a client of the SDK reaches a system that runs here; nobody checks the credentials. */
export function localAws({ addresses }: Pick<Runtime, "addresses">, region = "us-west-2") {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return { endpoint: addresses.awsEndpoint, region, credentials };
}
