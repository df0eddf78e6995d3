import type { NestedTemplate, ResolvedStack, ResolveOptions, StackSource } from "./resolved-stack.ts";
import { StackScope } from "./stack-scope.ts";
import { logicalIdsInSeveral } from "./stack-values.ts";
import type { Template } from "./template.ts";

/** Resolves stacks together, so that one imports what another of the same Region exports. */
export function resolveStacks(
  sources: readonly StackSource[],
  options: ResolveOptions = {},
): readonly ResolvedStack[] {
  const shared = logicalIdsInSeveral(sources.flatMap(templatesOf));
  const scopes: readonly StackScope[] = sources.flatMap((source) =>
    new StackScope(source, {
      ...options,
      findExport: (name, region) => exportReader(scopes, name, region),
      label: (logicalId, stackName) => (shared.has(logicalId) ? `${stackName}/${logicalId}` : logicalId),
    }).withNested(),
  );
  return scopes.map((scope) => scope.stack());
}

/** The template of a stack and those of its nested stacks. */
function templatesOf({ template, nested = {} }: NestedTemplate): readonly Template[] {
  return [template, ...Object.values(nested).flatMap(templatesOf)];
}

function exportReader(scopes: readonly StackScope[], name: string, region: string) {
  for (const scope of scopes) {
    const read = scope.source.region === region ? scope.exportNamed(name) : undefined;
    if (read !== undefined) return read;
  }
  return undefined;
}
