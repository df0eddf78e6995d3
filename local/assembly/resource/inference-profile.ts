import { readProperties } from "./property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

/** A Bedrock inference profile of one's own, for the bill to tell apart what it costs. */
export interface ApplicationInferenceProfile {
  readonly profileArn: string;
  /** ARN of the model or profile that it was copied from. */
  readonly source: string;
}

/** Reads an `AWS::Bedrock::ApplicationInferenceProfile`. */
export function inferenceProfileOf(resource: ResolvedResource): ApplicationInferenceProfile {
  const read = readProperties(resource);
  const source = read.required("ModelSource", read.object("ModelSource"));
  return { profileArn: resource.ref(), source: source.required("CopyFrom", source.text("CopyFrom")) };
}
