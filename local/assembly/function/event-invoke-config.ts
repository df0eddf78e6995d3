import { AssemblyError } from "../assembly-error.ts";
import { present } from "../../cloudwatch/definition/present.ts";
import { placeOf, readProperties } from "../resource/property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

/** How often Lambda tries an asynchronous event again. */
export interface EventInvokeConfig {
  /** Name or ARN of the function. */
  readonly functionName: string;
  /** An alias, a version or `$LATEST`. */
  readonly qualifier: string;
  /** 2 when missing. */
  readonly retries?: number;
  /** 6 hours when missing. */
  readonly mostAgeSeconds?: number;
}

/** Reads an `AWS::Lambda::EventInvokeConfig`. */
export function eventInvokeConfigOf(resource: ResolvedResource): EventInvokeConfig {
  const read = readProperties(resource);
  if (read.has("DestinationConfig"))
    throw new AssemblyError(`${placeOf(resource)} has destinations, which are not emulated: leave them out`);
  return present<EventInvokeConfig>({
    functionName: read.required("FunctionName", read.text("FunctionName")),
    qualifier: read.text("Qualifier") ?? "$LATEST",
    retries: read.number("MaximumRetryAttempts"),
    mostAgeSeconds: read.number("MaximumEventAgeInSeconds"),
  });
}
