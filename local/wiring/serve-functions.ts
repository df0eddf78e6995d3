import { startAwsEndpoint } from "../server/aws/aws-endpoint.ts";
import { startFunctionUrl } from "../server/function-url-server.ts";
import { accountServices, cloudWatchServices } from "./aws-services.ts";
import type { Core } from "./core.ts";
import { bedrockEnvironment, scriptedEnvironment } from "./functions/function-environment.ts";
import type { EnvironmentOf, Functions } from "./functions/functions.ts";
import { withLocalAddress } from "./functions/local-address.ts";
import type { Front } from "./open-system.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { StopList } from "./stop-list.ts";

/** Where functions and the AWS APIs are reached. */
export interface Served {
  readonly functionUrl: string;
  readonly awsEndpoint: string;
}

/** Serves the AWS APIs and the Function URL; the functions themselves start when they are first invoked. */
export async function serveFunctions(core: Core, options: RuntimeOptions, stops: StopList): Promise<Served> {
  const { clock, ports, signal } = options;
  const { plan, functions, invocations, scheduler } = core;
  const records = core.ledger.functionRecords(() => clock.now());
  const services = [
    ...accountServices(core),
    ...cloudWatchServices(core, () => clock.now()),
    ...core.model.services,
  ];
  const bug = (cause: unknown): void => options.log?.("the AWS endpoint failed", cause);
  const aws = await startAwsEndpoint({ services, bug }, { port: ports.aws, option: "--aws-port" });
  stops.add(() => aws.stop());
  signal?.throwIfAborted();
  const awsEndpoint = aws.url.replace(/\/$/, "");
  const { cors } = plan.front.url;
  const functionUrl = { lambda: behind(plan.front, functions), clock, records, ...(cors && { cors }) };
  const url = await startFunctionUrl(functionUrl, { port: ports.url, option: "--url-port" });
  stops.add(() => url.stop());
  functions.open(environmentAt({ awsEndpoint, functionUrl: url.url }, plan.front, options));
  // Stopped before the servers, lest a function takes their going for a failure.
  stops.add(() => functions.stop());
  stops.add(() => invocations.stop());
  stops.add(() => scheduler.stop());
  signal?.throwIfAborted();
  return { functionUrl: url.url, awsEndpoint };
}

/** The function behind the URL, looked up when it is asked: its alias may mean another version by then. */
function behind(
  { url, source }: Front,
  functions: Functions,
): Parameters<typeof startFunctionUrl>[0]["lambda"] {
  const { qualifier } = url;
  const name = source.functionArn;
  return {
    get definition() {
      const version = functions.kept({ name })?.book.find(qualifier)?.version ?? qualifier;
      return { ...source.definition, qualifier, version };
    },
    invoke: (event, names) => {
      const lambda = functions.find({ name, qualifier });
      if (lambda === undefined) throw new Error(`${name} has no ${qualifier}`);
      return lambda.invoke(event, names);
    },
  };
}

/** The template's variables with local addresses, and those that make every AWS client come here. */
function environmentAt(
  { awsEndpoint, functionUrl }: Served,
  { url }: Front,
  { model, callerEnvironment }: RuntimeOptions,
): EnvironmentOf {
  const address = { template: url.url, local: functionUrl };
  const ours =
    model === "scripted"
      ? scriptedEnvironment(awsEndpoint)
      : bedrockEnvironment(awsEndpoint, callerEnvironment);
  return ({ environment }) => ({
    ...Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, withLocalAddress(value, address)]),
    ),
    ...ours,
  });
}
