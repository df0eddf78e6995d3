import { WIDE_ACTIONS } from "../lib/pairwise/stack-rules.ts";

/** Resources of policies that end in a star, as ARNs, and why they may. */
export const WIDE_RESOURCES = {
  bootstrapRoles: {
    arn: /:role\/cdk-\w+-(deploy|file-publishing|lookup)-role-\w+-\*$/,
    why: "The names of bootstrap roles end with the Region, and the stages may be in any.",
  },
  ownStacks: {
    arn: /:cloudformation:[\w*-]+:[\w<>:-]+:stack\/WristAgent\*\/\*$/,
    why: "The ARN of a stack ends with an id that CloudFormation chooses; the stages may be in any Region.",
  },
  ownStage: {
    arn: /:(ssm|sns|lambda):\*:[\w<>:-]+:(parameter\/wrist-agent\/\w+\/(settings\/\*|config\/model-id)|wrist-agent-[\w-]+|function:wrist-agent-\w+(\*|:live))$/,
    why: "A stage has the same names in every Region; the star ends what begins with its name.",
  },
  ownDashboards: {
    arn: /:cloudwatch::[\w<>:-]+:dashboard\/wrist-agent-\w+-\*$/,
    why: "The dashboards of a stage begin with its name and end with Region and subject.",
  },
  versions: {
    arn: /:function:wrist-agent-\w+:\*$/,
    why: "The pre-traffic hook may ask every version of the agent: a policy that names one is not in force when its hook runs.",
  },
  streams: {
    arn: /:log-group:\/aws\/lambda\/[\w-]+:\*$/,
    why: "The ARN of a log group ends so, and means its streams: those of this group and of no other.",
  },
} as const;

/** Why an action may be allowed on a resource that holds a star; `undefined` when nobody says. */
export function whyWide(action: string, resource: string): string | undefined {
  if (resource !== "*") return Object.values(WIDE_RESOURCES).find(({ arn }) => arn.test(resource))?.why;
  return WIDE_ACTIONS[`AWS::IAM::Policy ${action}`] ?? WIDE_ACTIONS[`AWS::IAM::Role ${action}`];
}
