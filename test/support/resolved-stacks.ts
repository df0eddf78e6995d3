import { parseTemplate } from "cw-alarm-test/yaml-template";
import type { ResolvedResource, ResolvedStack } from "cw-alarm-test/resolved-stack";
import { resolveStacks } from "cw-alarm-test/resolve-stacks";
import type { SynthesisedStack } from "./synthesise.ts";

/** What stands in place of the account's number. */
const ACCOUNT = "ACCOUNT";

/** Stacks with every reference resolved, as if deployed to the account `ACCOUNT`. */
export function resolved(stacks: readonly SynthesisedStack[]): readonly ResolvedStack[] {
  const sources = stacks.map(({ name, region, text }) => ({
    stackName: name,
    region,
    accountId: ACCOUNT,
    template: parseTemplate(text, name),
  }));
  return resolveStacks(sources, { physical: physicalIds(sources) });
}

/** Ids that the account gives, and that no reader of a policy needs. */
function physicalIds(sources: readonly { readonly template: ReturnType<typeof parseTemplate> }[]) {
  const entries = sources.flatMap(({ template }) => Object.entries(template.Resources ?? {}));
  return Object.fromEntries(
    entries.flatMap(([id, { Type, Properties }]): [string, string][] => {
      if (Type === "AWS::Bedrock::ApplicationInferenceProfile")
        return [[`${id}.InferenceProfileArn`, "application-inference-profile/ID"]];
      if (Type === "AWS::IAM::OIDCProvider") return [[id, "GitHub's OIDC provider"]];
      if (Type !== "AWS::CodeDeploy::DeploymentGroup") return [];
      return [[id, String((Properties as { DeploymentGroupName?: unknown }).DeploymentGroupName)]];
    }),
  );
}

/** The resources of a stack as a template without references, as far as their types are asked for. */
export function resolvedTemplate({ resources }: ResolvedStack, types: readonly string[]): string {
  return templateOf(resources.filter(({ type }) => types.includes(type)));
}

/** Resources as a template of their own, without references. */
export function templateOf(resources: readonly ResolvedResource[]): string {
  const entries = resources.map((each) => [
    each.logicalId,
    { Type: each.type, Properties: each.properties() },
  ]);
  return JSON.stringify({ Resources: Object.fromEntries(entries) as unknown });
}
