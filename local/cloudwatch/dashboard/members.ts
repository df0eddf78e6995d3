/** A JSON object of a dashboard body. */
export type Members = Readonly<Record<string, unknown>>;

/** Whether the value is a JSON object. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member if it is an object; otherwise one without members. */
export function objectAt(members: Members, name: string): Members {
  const value = members[name];
  return isMembers(value) ? value : {};
}

/** The member if it is an array; otherwise an empty one. */
export function listAt(members: Members, name: string): readonly unknown[] {
  const value = members[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function textAt(members: Members, name: string): string | undefined {
  const value = members[name];
  return typeof value === "string" ? value : undefined;
}

export function numberAt(members: Members, name: string): number | undefined {
  const value = members[name];
  return typeof value === "number" ? value : undefined;
}

export function booleanAt(members: Members, name: string): boolean | undefined {
  const value = members[name];
  return typeof value === "boolean" ? value : undefined;
}

/** The member if it is one of the choices; otherwise the first choice. */
export function choiceAt<Choice extends string>(
  members: Members,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === members[name]) ?? choices[0];
}

/** `{ [name]: value }`, or nothing when there is no value: for optional properties. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
