import type { TemplateParameter } from "../../journal/parameter-store.ts";
import { PARAMETER_TYPES } from "../../server/aws/ssm/parameters.ts";
import { readProperties } from "./property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

/** Reads an `AWS::SSM::Parameter`; CloudFormation makes no SecureString. */
export function parameterOf(resource: ResolvedResource): TemplateParameter {
  const read = readProperties(resource);
  return {
    region: resource.region,
    name: resource.ref(),
    type: read.required("Type", read.word("Type", PARAMETER_TYPES)),
    value: read.required("Value", read.text("Value")),
  };
}
