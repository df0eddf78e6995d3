import { partitionOf } from "./region.ts";
import { ConfigError } from "./setting.ts";

/** A Lambda function that this project did not deploy, by its ARN. */
export interface FunctionArn {
  readonly text: string;
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  /** The alias to watch; all traffic of the function when missing. */
  readonly aliasName?: string;
}

const SHAPE = "arn:aws:lambda:<region>:<account>:function:<name>, with :<alias> or without";
const ARN = /^arn:(aws[a-z-]*):lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]{1,64})(?::(.+))?$/;
const ALIAS = /^[A-Za-z0-9_-]{1,128}$/;

/** Takes the ARN of a function or of its alias apart; nothing for empty text. */
export function parseFunctionArn(text: string): FunctionArn | undefined {
  if (text === "") return undefined;
  const [, partition = "", region = "", accountId = "", functionName = "", qualifier] = ARN.exec(text) ?? [];
  if (functionName === "")
    throw new ConfigError(
      `expected ${SHAPE}; aws lambda get-function-configuration --function-name NAME --query FunctionArn prints it`,
    );
  if (partition !== partitionOf(region))
    throw new ConfigError(
      `${region} is in the partition ${partitionOf(region)}, and the ARN says ${partition}`,
    );
  if (qualifier === undefined) return { text, region, accountId, functionName };
  refuseQualifier(qualifier);
  return { text, region, accountId, functionName, aliasName: qualifier };
}

function refuseQualifier(qualifier: string): void {
  if (qualifier === "$LATEST")
    throw new ConfigError("$LATEST is the function without an alias: leave :$LATEST off");
  if (/^\d+$/.test(qualifier))
    throw new ConfigError(
      `version ${qualifier} never gets what is deployed next: name an alias, or leave :${qualifier} off`,
    );
  if (!ALIAS.test(qualifier)) throw new ConfigError(`expected ${SHAPE}; "${qualifier}" is no alias`);
}
