import { FaultInjector } from "../model/fault-injector.ts";
import { seededRandom } from "../model/random.ts";
import { StandInModel } from "../model/stand-in-model.ts";
import type { FunctionDefinition } from "../function/definition.ts";
import { bedrockRuntimeService } from "../server/aws/bedrock-runtime.ts";
import type { AwsService } from "../server/aws/service.ts";
import { ssmService, type Parameter } from "../server/aws/ssm.ts";
import { stsService } from "../server/aws/sts.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** The model behind the AWS endpoint, as far as it is local, and the switch of its faults. */
export interface LocalModel {
  readonly faults: FaultInjector;
  readonly services: readonly AwsService[];
}

/** The stand-in, or nothing where the real model is asked. */
export function localModel({ model, latency, clock }: RuntimeOptions): LocalModel {
  const random = seededRandom(clock.now());
  const faults = new FaultInjector(random);
  const standIn = new StandInModel({ random, faults, latency });
  return { faults, services: model === "scripted" ? [bedrockRuntimeService(standIn)] : [] };
}

/** SSM with the token under the name that the function's environment gives, and STS. */
export function accountServices(
  definition: FunctionDefinition,
  token: string,
  { tokenParameterVariable = "CLIENT_TOKEN_PARAM_NAME", clock }: RuntimeOptions,
): readonly AwsService[] {
  const { accountId, region, environment } = definition;
  const parameter: Parameter = {
    name: environment[tokenParameterVariable] ?? "",
    type: "SecureString",
    value: token,
    version: 1,
    modifiedMs: clock.now(),
  };
  const find = (name: string): Parameter | undefined =>
    name !== "" && name === parameter.name ? parameter : undefined;
  return [ssmService({ find }, { accountId, region }), stsService({ accountId, region })];
}
