import type { RestService } from "../service.ts";
import { aliasRoutes } from "./aliases.ts";
import type { DescribeFunction } from "./function-ports.ts";
import { invokeRoute, type Invocable, type InvokePort } from "./invoke.ts";
import { versionRoutes } from "./versions.ts";

/** The functions behind the API. */
export interface FunctionsPort<Found extends Invocable = Invocable> extends InvokePort<Found> {
  readonly describe: DescribeFunction;
}

/** Lambda, as far as functions are invoked, measured, and taken from version to version. */
export function lambdaService<Found extends Invocable>(functions: FunctionsPort<Found>): RestService {
  const { describe } = functions;
  return {
    protocol: "rest",
    routes: [invokeRoute(functions), ...versionRoutes(describe), ...aliasRoutes(describe)],
  };
}
