import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { JsonObject } from "@wrist-agent/cloudwatch/json";
import { findParameter } from "../../cli/aws-calls.ts";
import { jsonTextMembers } from "../../cli/json-object.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";

/** Stacks that remember what the last deploy was given; the later one wins, as for `deploy`. */
const REMEMBERING = ["application", "monitoring"] as const;

/** The setting's name after `-c`. */
const SETTING = "alarmEmail";

/** What earlier deploys were given, by the name of the parameter that keeps it. */
export type RememberedSettings = ReadonlyMap<string, JsonObject>;

/** The parameters that are there. */
export async function readRemembered(stage: StageConnection): Promise<RememberedSettings> {
  const ssm = stage.client(SSMClient);
  const found = new Map<string, JsonObject>();
  for (const stack of REMEMBERING) {
    const Name = `${stage.names.settingsPrefix}${stack}`;
    const parameter = await stage.ask({ action: "ssm:GetParameter", on: `parameter ${Name}` }, () =>
      findParameter(ssm, { Name }),
    );
    if (parameter?.Value !== undefined) found.set(Name, jsonTextMembers(parameter.Value));
  }
  return found;
}

/** Addresses that the next deploy subscribes, where an earlier one was given them; else they stand in the stage's file. */
export function rememberedAddresses(remembered: RememberedSettings): readonly string[] | undefined {
  const texts = [...remembered.values()].map((settings) => settings[SETTING]);
  const text = texts.findLast((each) => typeof each === "string");
  return typeof text === "string" ? addressesIn(text) : undefined;
}

/** The addresses of the setting's text, as the synthesis reads it. */
function addressesIn(text: string): readonly string[] {
  return text.split(",").flatMap((address) => (address.trim() === "" ? [] : [address.trim()]));
}

/** Has every later deploy subscribe these addresses, and no other. */
export async function rememberAddresses(
  stage: StageConnection,
  remembered: RememberedSettings,
  addresses: readonly string[],
): Promise<void> {
  const ssm = stage.client(SSMClient);
  for (const [Name, settings] of remembered) {
    const Value = JSON.stringify({ ...settings, [SETTING]: addresses.join(",") });
    await stage.ask({ action: "ssm:PutParameter", on: `parameter ${Name}` }, () =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true })),
    );
  }
}
