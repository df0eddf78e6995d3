/**
 * The order in which composite alarms are evaluated: children first. Alarms in a cycle are left out, as
 * CloudWatch stops evaluating them.
 */
export function evaluationOrder(children: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (order.has(name) || path.includes(name)) return;
    for (const child of children.get(name) ?? []) visit(child, [...path, name]);
    if (children.has(name) && !reaches(name, name, children)) order.add(name);
  };
  for (const name of children.keys()) visit(name, []);
  return [...order];
}

function reaches(from: string, target: string, children: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const open = [...(children.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === target) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(children.get(name) ?? []));
  }
  return false;
}
