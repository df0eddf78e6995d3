import type { Template } from "./template.ts";

/** A stack before its intrinsic functions are resolved. */
export interface StackSource {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly template: Template;
  /** Values of parameters; the template's defaults where missing. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Templates of its nested stacks, by their logical ids; without one, a nested stack's outputs are unknown.
   */
  readonly nested?: Readonly<Record<string, NestedTemplate>>;
}

/** The template of a nested stack, whose parameters its parent gives. */
export type NestedTemplate = Pick<StackSource, "template" | "nested">;

/** What the templates themselves cannot show. */
export interface ResolveOptions {
  /** Values of exports that no loaded stack makes. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Results of Ref (`LogicalId`) and GetAtt (`LogicalId.Attribute`) that win over the emulated ones. */
  readonly physical?: Readonly<Record<string, string>>;
  /**
   * Readable values such as `<Cluster>` for what only AWS knows; without it, that is refused when it is
   * needed.
   */
  readonly standIns?: "readable";
  /**
   * Values of dynamic references, `ssm:/name` for `{{resolve:ssm:/name}}`; the others stay as they are
   * written.
   */
  readonly resolve?: Readonly<Record<string, string>>;
}

/** A resource that its stack creates; its properties are resolved when they are asked for. */
export interface ResolvedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /**
   * Throws an {@link AssemblyError} that names the place when something in the properties is not emulated.
   */
  readonly properties: () => Readonly<Record<string, unknown>>;
  /** What Ref gives: name or ARN, by type. */
  readonly ref: () => string;
  readonly attribute: (name: string) => string;
}

/** A stack whose resources can be read as plain values. */
export interface ResolvedStack {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /**
   * Resources whose condition holds, in the template's order; with stand-ins also those whose condition
   * cannot be decided.
   */
  readonly resources: readonly ResolvedResource[];
  /** Resources that a false condition leaves out. */
  readonly absent: readonly AbsentResource[];
  /** Value of an output by its logical id; `undefined` when there is none. */
  readonly output: (logicalId: string) => unknown;
  /** Resolves a value as if it stood in the template. */
  readonly resolve: (value: unknown, path: string) => unknown;
}

/** A resource that is not created, and the condition that says so. */
export interface AbsentResource {
  readonly logicalId: string;
  readonly type: string;
  readonly condition: string;
}
