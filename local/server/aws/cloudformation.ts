import type { StackContents } from "../../assembly/stack-contents.ts";
import {
  AwsError,
  type AwsCall,
  credentialRegion,
  type Input,
  numberedPage,
  type NumberedPage,
  type QueryService,
} from "./service.ts";

/** A stack that is deployed here. */
export interface ServedStack extends StackContents {
  /** Epoch milliseconds. */
  readonly createdMs: number;
  /** When a start brought other templates, epoch milliseconds; missing while the first ones run. */
  readonly updatedMs?: number;
}

/** The stacks that run here; `homeRegion` is where calls without a signature go. */
export interface StacksPort {
  readonly homeRegion: string;
  readonly stacks: () => readonly ServedStack[];
}

const MAX_PAGE_ITEMS = 100;

/**
 * CloudFormation's reading side: the stacks of the assembly that runs. What changes a stack is refused by
 * name. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
export function cloudFormationService(port: StacksPort): QueryService {
  return {
    protocol: "query",
    xmlNamespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    operations: {
      DescribeStacks: (input, call) => {
        const name = textOf(input, "StackName");
        const found = name === undefined ? stacksIn(port, call) : [stackOf(port, input, call)];
        const { items, ...next } = page(found, input);
        return { Stacks: items.map(stackView), ...next };
      },
      ListStacks: (input, call) => {
        const { items, ...next } = page(wantedByStatus(stacksIn(port, call), input), input);
        return { StackSummaries: items.map(stackSummary), ...next };
      },
      DescribeStackResources: (input, call) => ({ StackResources: describedResources(port, input, call) }),
      ListStackResources: (input, call) => {
        const stack = stackOf(port, input, call);
        const { items, ...next } = page(stack.resources, input);
        return {
          StackResourceSummaries: items.map((resource) => ({
            ...resourceView(resource),
            LastUpdatedTimestamp: lastChange(stack),
            DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
          })),
          ...next,
        };
      },
      GetTemplate: (input, call) => {
        const stage = textOf(input, "TemplateStage") ?? "Original";
        if (stage !== "Original" && stage !== "Processed") throw invalid(`TemplateStage ${stage} is none`);
        const { templateText } = stackOf(port, input, call);
        return { TemplateBody: templateText, StagesAvailable: ["Original", "Processed"] };
      },
      ListExports: (input, call) => {
        const all = stacksIn(port, call).flatMap(({ stackId, outputs }) =>
          outputs.flatMap(({ exportName, value }) =>
            exportName === undefined ? [] : [{ ExportingStackId: stackId, Name: exportName, Value: value }],
          ),
        );
        const { items, ...next } = page(all, input);
        return { Exports: items, ...next };
      },
      ...Object.fromEntries(CHANGES.map((name) => [name, () => refuseChange(name)])),
    },
  };
}

/** What would change a stack, or look for drift in one: here a start takes the templates as they are. */
const CHANGES = [
  "CreateStack",
  "UpdateStack",
  "DeleteStack",
  "CreateChangeSet",
  "ExecuteChangeSet",
  "DetectStackDrift",
  "UpdateTerminationProtection",
];

function refuseChange(operation: string): never {
  throw new AwsError(
    "InvalidAction",
    `the local runtime does not emulate ${operation}: it runs the templates of the assembly it was started with, start it again to change them`,
  );
}

function stacksIn({ homeRegion, stacks }: StacksPort, call: AwsCall): readonly ServedStack[] {
  const wanted = credentialRegion(call) ?? homeRegion;
  return stacks().filter(({ region }) => region === wanted);
}

/** By name or id; the refusal is CloudFormation's own. */
function stackOf(port: StacksPort, input: Input, call: AwsCall): ServedStack {
  const asked = textOf(input, "StackName");
  if (asked === undefined)
    throw invalid(
      "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null",
    );
  const found = stacksIn(port, call).find(
    ({ stackName, stackId }) => stackName === asked || stackId === asked,
  );
  if (found === undefined) throw invalid(`Stack with id ${asked} does not exist`);
  return found;
}

function describedResources(port: StacksPort, input: Input, call: AwsCall): readonly object[] {
  const physicalId = textOf(input, "PhysicalResourceId");
  const logicalId = textOf(input, "LogicalResourceId");
  const holds = ({ resources }: ServedStack): boolean =>
    resources.some((resource) => resource.physicalId === physicalId);
  const byResource = (): ServedStack => {
    const stack = stacksIn(port, call).find(holds);
    if (stack === undefined) throw invalid(`Stack for ${physicalId ?? ""} does not exist`);
    return stack;
  };
  const stack = physicalId === undefined ? stackOf(port, input, call) : byResource();
  return stack.resources
    .filter((resource) => logicalId === undefined || resource.logicalId === logicalId)
    .slice(0, MAX_PAGE_ITEMS)
    .map((resource) => ({
      StackName: stack.stackName,
      StackId: stack.stackId,
      ...resourceView(resource),
      Timestamp: lastChange(stack),
      DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
    }));
}

function resourceView({ logicalId, physicalId, type }: ServedStack["resources"][number]): object {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: "CREATE_COMPLETE",
  };
}

function statusOf({ updatedMs }: ServedStack): string {
  return updatedMs === undefined ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
}

function lastChange({ createdMs, updatedMs }: ServedStack): Date {
  return new Date(updatedMs ?? createdMs);
}

function stackView(stack: ServedStack): object {
  const { stackName, stackId, description, tags, parameters, outputs, createdMs, updatedMs } = stack;
  return {
    StackId: stackId,
    StackName: stackName,
    Description: description,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    CreationTime: new Date(createdMs),
    LastUpdatedTime: updatedMs === undefined ? undefined : new Date(updatedMs),
    RollbackConfiguration: {},
    StackStatus: statusOf(stack),
    DisableRollback: false,
    NotificationARNs: [],
    Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    Outputs: outputs.map(({ key, value, description: text, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: text,
      ExportName: exportName,
    })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    EnableTerminationProtection: false,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

function stackSummary(stack: ServedStack): object {
  const { stackName, stackId, description, createdMs, updatedMs } = stack;
  return {
    StackId: stackId,
    StackName: stackName,
    TemplateDescription: description,
    CreationTime: new Date(createdMs),
    LastUpdatedTime: updatedMs === undefined ? undefined : new Date(updatedMs),
    StackStatus: statusOf(stack),
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

function wantedByStatus(stacks: readonly ServedStack[], input: Input): readonly ServedStack[] {
  const wanted = input.StackStatusFilter;
  return Array.isArray(wanted) ? stacks.filter((stack) => wanted.includes(statusOf(stack))) : stacks;
}

function page<T>(all: readonly T[], { NextToken }: Input): NumberedPage<T> {
  const found = numberedPage(all, { token: NextToken, size: MAX_PAGE_ITEMS });
  if (found === undefined) throw invalid("Token is invalid");
  return found;
}

function textOf(input: Input, member: string): string | undefined {
  const value = input[member];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}
