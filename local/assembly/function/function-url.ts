import type { CorsConfig } from "../../server/function-url-cors.ts";
import { AssemblyError } from "../assembly-error.ts";
import { present } from "../../cloudwatch/definition/present.ts";
import { placeOf, readProperties, type PropertyReader } from "../resource/property-reader.ts";
import type { ResolvedResource, ResolvedStack } from "../template/resolve-stacks.ts";
import { isNamed } from "./function-source.ts";

/** A Function URL of the templates. */
export interface FunctionUrlSource {
  readonly functionArn: string;
  /** An alias, a version or `$LATEST`. */
  readonly qualifier: string;
  /** The address that the template gives to whoever asks for it; nobody answers there. */
  readonly url: string;
  /** Without it the URL knows nothing of CORS. */
  readonly cors?: CorsConfig;
}

/** Reads an `AWS::Lambda::Url`, whose function must be in the same stack. */
export function functionUrlOf(url: ResolvedResource, stack: ResolvedStack): FunctionUrlSource {
  const read = readProperties(url);
  refuseWhatUrlsLack(url, read);
  const target = read.required("TargetFunctionArn", read.text("TargetFunctionArn"));
  const source = stack.resources.find(
    (resource) => resource.type === "AWS::Lambda::Function" && isNamed(resource, target),
  );
  if (source === undefined)
    throw new AssemblyError(`${placeOf(url)} leads to ${target}, which is not in ${stack.stackName}`);
  const cors = read.object("Cors");
  return present<FunctionUrlSource>({
    functionArn: source.attribute("Arn"),
    qualifier: read.text("Qualifier") ?? "$LATEST",
    url: url.attribute("FunctionUrl"),
    cors: cors && corsOf(cors),
  });
}

function refuseWhatUrlsLack(url: ResolvedResource, read: PropertyReader): void {
  const authType = read.text("AuthType");
  if (authType !== "NONE")
    throw new AssemblyError(
      `${placeOf(url)} has AuthType ${authType ?? "missing"}, which is not emulated: use NONE`,
    );
  if (read.text("InvokeMode") === "RESPONSE_STREAM")
    throw new AssemblyError(
      `${placeOf(url)} has InvokeMode RESPONSE_STREAM, which is not emulated: use BUFFERED`,
    );
}

function corsOf(read: PropertyReader): CorsConfig {
  return present<CorsConfig>({
    AllowOrigins: read.texts("AllowOrigins"),
    AllowMethods: read.texts("AllowMethods"),
    AllowHeaders: read.texts("AllowHeaders"),
    ExposeHeaders: read.texts("ExposeHeaders"),
    MaxAge: read.number("MaxAge"),
    AllowCredentials: read.flag("AllowCredentials"),
  });
}
