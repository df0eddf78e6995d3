import { type IntrinsicScope, isConditionTrue, NO_VALUE, resolveIntrinsics } from "./intrinsics.ts";
import { physicalAttribute, physicalRef, type ResourceFacts } from "./physical-names.ts";
import { AssemblyError, isObject, type Template, type TemplateResource } from "./template.ts";

/** A stack before its intrinsic functions are resolved. */
export interface StackSource {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly template: Template;
  /** Values of parameters; the template's defaults where missing. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What the templates themselves cannot tell. */
export interface ResolveOptions {
  /** Values of exports that no loaded stack makes. */
  readonly imports?: Readonly<Record<string, string>>;
  /** Results of Ref (`LogicalId`) and GetAtt (`LogicalId.Attribute`) that win over the emulated ones. */
  readonly physical?: Readonly<Record<string, string>>;
}

/** A resource that its stack creates; its properties are resolved when they are asked for. */
export interface ResolvedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  /** Throws an {@link AssemblyError} that names the place when something in the properties is not emulated. */
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
  /** Resources whose condition holds, in the template's order. */
  readonly resources: readonly ResolvedResource[];
  /** Value of an output by its logical id; `undefined` when there is none. */
  readonly output: (logicalId: string) => unknown;
}

/** Resolves stacks together, so that one imports what another of the same Region exports. */
export function resolveStacks(
  sources: readonly StackSource[],
  options: ResolveOptions = {},
): readonly ResolvedStack[] {
  const scopes: readonly StackScope[] = sources.map(
    (source) => new StackScope(source, options, (name, region) => exportReader(scopes, name, region)),
  );
  return scopes.map((scope) => scope.stack());
}

type FindExport = (name: string, region: string) => (() => unknown) | undefined;

function exportReader(scopes: readonly StackScope[], name: string, region: string) {
  for (const scope of scopes) {
    const read = scope.source.region === region ? scope.exportNamed(name) : undefined;
    if (read !== undefined) return read;
  }
  return undefined;
}

/** The scope of one stack: resolves lazily, and refuses what refers to itself. */
class StackScope implements IntrinsicScope {
  readonly source: StackSource;
  readonly #options: ResolveOptions;
  readonly #findExport: FindExport;
  readonly #open = new Set<string>();

  constructor(source: StackSource, options: ResolveOptions, findExport: FindExport) {
    this.source = source;
    this.#options = options;
    this.#findExport = findExport;
  }

  stack(): ResolvedStack {
    const { stackName, region, accountId } = this.source;
    return {
      stackName,
      region,
      accountId,
      resources: Object.entries(this.source.template.Resources ?? {})
        .filter(([logicalId, { Condition }]) => this.#exists(`Resources.${logicalId}`, Condition))
        .map(([logicalId, resource]) => this.#resource(logicalId, resource)),
      output: (logicalId) => this.#output(logicalId),
    };
  }

  exportNamed(name: string): (() => unknown) | undefined {
    for (const [logicalId, output] of Object.entries(this.source.template.Outputs ?? {})) {
      const path = `Outputs.${logicalId}`;
      if (output.Export === undefined || !this.#exists(path, output.Condition)) continue;
      const exportName = this.#resolve(output.Export.Name, `${path}.Export.Name`);
      if (exportName === name) return () => this.#output(logicalId);
    }
    return undefined;
  }

  ref(name: string, path: string): unknown {
    const pseudo = this.#pseudo(name);
    if (pseudo !== undefined) return pseudo;
    const parameter = this.source.template.Parameters?.[name];
    if (parameter !== undefined) return this.#parameter(name, path);
    return this.#physical(name, path, (facts) => physicalRef(facts) ?? refuseAttribute("Ref", facts, path));
  }

  attribute(logicalId: string, attribute: string, path: string): unknown {
    const given = this.#options.physical?.[`${logicalId}.${attribute}`];
    if (given !== undefined) return given;
    return this.#physical(
      logicalId,
      path,
      (facts) =>
        physicalAttribute(facts, attribute) ?? refuseAttribute(`attribute ${attribute}`, facts, path),
    );
  }

  importValue(name: string, path: string): unknown {
    const given = this.#options.imports?.[name];
    if (given !== undefined) return given;
    const read = this.#findExport(name, this.source.region);
    if (read === undefined)
      throw new AssemblyError(
        `${this.#place(path)} imports "${name}", which no loaded stack of ${this.source.region} exports: load that stack too or give the value`,
      );
    return this.#once(`import ${name}`, path, read);
  }

  condition(name: string, path: string): boolean {
    const condition = this.source.template.Conditions?.[name];
    if (condition === undefined)
      throw new AssemblyError(`${this.#place(path)} names the unknown condition "${name}"`);
    return this.#once(`condition ${name}`, path, () =>
      isConditionTrue(condition, this, this.#place(`Conditions.${name}`)),
    );
  }

  mapping(keys: readonly string[]): unknown {
    let found: unknown = this.source.template.Mappings;
    for (const key of keys) found = isObject(found) ? found[key] : undefined;
    return found;
  }

  #resolve(value: unknown, path: string): unknown {
    return resolveIntrinsics(value, this, this.#place(path));
  }

  #place(path: string): string {
    return path.startsWith(`${this.source.stackName}:`) ? path : `${this.source.stackName}:${path}`;
  }

  #exists(path: string, condition: string | undefined): boolean {
    return condition === undefined || this.condition(condition, `${path}.Condition`);
  }

  #output(logicalId: string): unknown {
    const output = this.source.template.Outputs?.[logicalId];
    return output && this.#resolve(output.Value, `Outputs.${logicalId}.Value`);
  }

  #resource(logicalId: string, resource: TemplateResource): ResolvedResource {
    const { stackName, region, accountId } = this.source;
    const path = `Resources.${logicalId}`;
    return {
      logicalId,
      type: resource.Type,
      stackName,
      region,
      accountId,
      properties: () => {
        const properties = this.#resolve(resource.Properties ?? {}, `${path}.Properties`);
        return isObject(properties) ? properties : {};
      },
      ref: () => String(this.ref(logicalId, path)),
      attribute: (name) => String(this.attribute(logicalId, name, path)),
    };
  }

  #physical(logicalId: string, path: string, read: (facts: ResourceFacts) => string): unknown {
    const given = this.#options.physical?.[logicalId];
    if (given !== undefined) return given;
    const resource = this.source.template.Resources?.[logicalId];
    if (resource === undefined)
      throw new AssemblyError(`${this.#place(path)} refers to "${logicalId}", which is not there`);
    return this.#once(logicalId, path, () => read(this.#facts(logicalId, resource)));
  }

  #facts(logicalId: string, resource: TemplateResource): ResourceFacts {
    const { stackName, region, accountId } = this.source;
    const property = (name: string): unknown =>
      this.#resolve(resource.Properties?.[name], `Resources.${logicalId}.Properties.${name}`);
    return {
      type: resource.Type,
      logicalId,
      stackName,
      region,
      accountId,
      property,
      partition: partitionOf(region),
      versionNumber: () => this.#versionNumber(logicalId, property("FunctionName")),
    };
  }

  #versionNumber(logicalId: string, functionName: unknown): number {
    const versions = Object.entries(this.source.template.Resources ?? {}).filter(
      ([id, { Type, Properties }]) =>
        Type === "AWS::Lambda::Version" &&
        this.#resolve(Properties?.FunctionName, `Resources.${id}.Properties.FunctionName`) === functionName,
    );
    return versions.findIndex(([id]) => id === logicalId) + 1;
  }

  #pseudo(name: string): unknown {
    const { stackName, region, accountId } = this.source;
    const partition = partitionOf(region);
    const values: Readonly<Record<string, unknown>> = {
      "AWS::AccountId": accountId,
      "AWS::Region": region,
      "AWS::Partition": partition,
      "AWS::URLSuffix": partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com",
      "AWS::StackName": stackName,
      "AWS::StackId": `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
      "AWS::NotificationARNs": [],
      "AWS::NoValue": NO_VALUE,
    };
    return values[name];
  }

  #parameter(name: string, path: string): unknown {
    const { Type = "String", Default } = this.source.template.Parameters?.[name] ?? {};
    const given = this.source.parameters?.[name];
    if (given === undefined && (Default === undefined || Type.startsWith("AWS::SSM::Parameter::")))
      throw new AssemblyError(
        `${this.#place(path)} needs parameter "${name}" of type ${Type}: give its value`,
      );
    const value = given ?? Default;
    const isList = Type === "CommaDelimitedList" || Type.startsWith("List<");
    return isList && typeof value === "string" ? value.split(",").map((entry) => entry.trim()) : value;
  }

  /** Runs `read` unless it is already running: then the template refers to itself. */
  #once<T>(key: string, path: string, read: () => T): T {
    if (this.#open.has(key))
      throw new AssemblyError(`${this.#place(path)} refers to itself through "${key}"`);
    this.#open.add(key);
    try {
      return read();
    } finally {
      this.#open.delete(key);
    }
  }
}

function refuseAttribute(what: string, { type, logicalId }: ResourceFacts, path: string): never {
  throw new AssemblyError(
    `${path} needs the ${what} of ${logicalId}, which is not emulated for ${type}: give its value`,
  );
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
