import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { type IntrinsicScope, isConditionTrue, resolveIntrinsics, withoutLoops } from "./intrinsics.ts";
import {
  physicalAttribute,
  physicalRef,
  type ResourceFacts,
  standInAttribute,
  type StandInPlace,
  standInRef,
} from "./physical-names.ts";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { parameterStandIn, parameterValue, pseudoParameter, withDynamicReferences } from "./stack-values.ts";
import { AssemblyError, type TemplateParameter, type TemplateResource } from "./template.ts";
import type {
  NestedTemplate,
  ResolvedResource,
  ResolvedStack,
  ResolveOptions,
  StackSource,
} from "./resolved-stack.ts";

/** What a scope knows beside its stack. */
export interface ScopeOptions extends ResolveOptions {
  readonly findExport: FindExport;
  readonly label: (logicalId: string, stackName: string) => string;
  /** What the parent of a nested stack gives for a parameter. */
  readonly given?: (name: string) => unknown;
}

type Presence = "present" | "absent" | AssemblyError;

type FindExport = (name: string, region: string) => (() => unknown) | undefined;

/** The scope of one stack: resolves lazily, and refuses what refers to itself. */
export class StackScope implements IntrinsicScope {
  readonly source: StackSource;
  readonly #options: ScopeOptions;
  readonly #open = new Set<string>();
  readonly #nested: ReadonlyMap<string, StackScope>;
  /** Conditions that are being evaluated: nothing may be made up in them. */
  #conditions = 0;

  constructor(source: StackSource, options: ScopeOptions) {
    this.#options = options;
    this.source = source;
    this.source = {
      ...source,
      template: withoutLoops(source.template, (value, path) => this.#resolve(value, path)),
    };
    this.#nested = new Map(
      Object.entries(source.nested ?? {}).map(([logicalId, child]) => [
        logicalId,
        this.#child(logicalId, child),
      ]),
    );
  }

  /** This scope and those of its nested stacks that are created. */
  withNested(): readonly StackScope[] {
    const children = [...this.#nested].filter(([logicalId]) => {
      const condition = this.source.template.Resources?.[logicalId]?.Condition;
      return this.#presence(`Resources.${logicalId}`, condition) === "present";
    });
    return [this, ...children.flatMap(([, child]) => child.withNested())];
  }

  #child(logicalId: string, { template, nested }: NestedTemplate): StackScope {
    const { stackName, region, accountId } = this.source;
    const path = `Resources.${logicalId}.Properties.Parameters`;
    const given = (name: string): unknown => {
      const parameters = this.source.template.Resources?.[logicalId]?.Properties?.Parameters;
      return isJsonObject(parameters) && name in parameters
        ? this.#resolve(parameters[name], `${path}.${name}`)
        : undefined;
    };
    const source = { stackName: `${stackName}-${logicalId}`, region, accountId, template };
    return new StackScope(nested === undefined ? source : { ...source, nested }, { ...this.#options, given });
  }

  stack(): ResolvedStack {
    const { stackName, region, accountId } = this.source;
    const entries = Object.entries(this.source.template.Resources ?? {}).map(([logicalId, resource]) => ({
      logicalId,
      resource,
      presence: this.#presence(`Resources.${logicalId}`, resource.Condition),
    }));
    return {
      stackName,
      region,
      accountId,
      resources: entries
        .filter(({ presence }) => presence !== "absent")
        .map(({ logicalId, resource, presence }) => this.#resource(logicalId, resource, presence)),
      absent: entries
        .filter(({ presence }) => presence === "absent")
        .map(({ logicalId, resource: { Type: type, Condition: condition = "" } }) => ({
          logicalId,
          type,
          condition,
        })),
      output: (logicalId) => this.#output(logicalId),
      resolve: (value, path) => this.#resolve(value, path),
    };
  }

  /** Present, absent, or the reason why the condition cannot be decided; without stand-ins that is thrown. */
  #presence(path: string, condition: string | undefined): Presence {
    try {
      return this.#exists(path, condition) ? "present" : "absent";
    } catch (error) {
      if (!(error instanceof AssemblyError) || this.#options.standIns === undefined) throw error;
      return error;
    }
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
    const pseudo = this.source.parameters?.[name] ?? pseudoParameter(this.source, name);
    if (name.startsWith("AWS::") && pseudo !== undefined) return pseudo;
    const parameter = this.source.template.Parameters?.[name];
    if (parameter !== undefined) return this.#parameter(name, parameter, path);
    return this.#physical(name, path, {
      known: physicalRef,
      standIn: standInRef,
      refuse: (facts) => refuseAttribute("Ref", facts, path),
    });
  }

  attribute(logicalId: string, attribute: string, path: string): unknown {
    const given = this.#options.physical?.[`${logicalId}.${attribute}`];
    if (given !== undefined) return given;
    const output = this.#nestedOutput(logicalId, attribute);
    if (output !== undefined) return output;
    return this.#physical(logicalId, path, {
      known: (facts) => physicalAttribute(facts, attribute),
      standIn: (place) => standInAttribute(place, attribute),
      refuse: (facts) => refuseAttribute(`attribute ${attribute}`, facts, path),
    });
  }

  #nestedOutput(logicalId: string, attribute: string): unknown {
    const [, name] = /^Outputs\.(.+)$/.exec(attribute) ?? [];
    const nested = this.#nested.get(logicalId);
    return name === undefined || nested === undefined ? undefined : nested.#output(name);
  }

  importValue(name: string, path: string): unknown {
    const given = this.#options.imports?.[name];
    if (given !== undefined) return given;
    const read = this.#options.findExport(name, this.source.region);
    if (read === undefined && this.#mayStandIn) return `<${name}>`;
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
    return this.#once(`condition ${name}`, path, () => {
      this.#conditions += 1;
      try {
        return isConditionTrue(condition, this, this.#place(`Conditions.${name}`));
      } finally {
        this.#conditions -= 1;
      }
    });
  }

  zones(region: string): readonly string[] {
    return ["a", "b", "c"].map((zone) => `${region === "" ? this.source.region : region}${zone}`);
  }

  get #mayStandIn(): boolean {
    return this.#options.standIns !== undefined && this.#conditions === 0;
  }

  mapping(keys: readonly string[]): unknown {
    let found: unknown = this.source.template.Mappings;
    for (const key of keys) found = isJsonObject(found) ? found[key] : undefined;
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

  #resource(logicalId: string, resource: TemplateResource, presence: Presence): ResolvedResource {
    const { stackName, region, accountId } = this.source;
    const path = `Resources.${logicalId}`;
    return {
      logicalId,
      type: resource.Type,
      stackName,
      region,
      accountId,
      properties: () => {
        if (presence instanceof AssemblyError) throw presence;
        const properties = this.#resolve(resource.Properties ?? {}, `${path}.Properties`);
        return isJsonObject(properties)
          ? (withDynamicReferences(properties, this.#options.resolve) as typeof properties)
          : {};
      },
      ref: () => String(this.ref(logicalId, path)),
      attribute: (name) => String(this.attribute(logicalId, name, path)),
    };
  }

  #physical(logicalId: string, path: string, readers: PhysicalReaders): unknown {
    const given = this.#options.physical?.[logicalId];
    if (given !== undefined) return given;
    const resource = this.source.template.Resources?.[logicalId];
    const isMade = resource === undefined && this.source.template.Transform !== undefined;
    if (resource === undefined && !(isMade && this.#mayStandIn))
      throw new AssemblyError(`${this.#place(path)} refers to "${logicalId}", which is not there`);
    if (resource === undefined)
      return readers.standIn(this.#standInPlace(logicalId, "AWS::Serverless::Made"));
    return this.#once(logicalId, path, () => {
      const facts = this.#facts(logicalId, resource);
      const known = readers.known(facts);
      if (known !== undefined) return known;
      return this.#mayStandIn
        ? readers.standIn(this.#standInPlace(logicalId, resource.Type))
        : readers.refuse(facts);
    });
  }

  #standInPlace(logicalId: string, type: string): StandInPlace {
    const { region, accountId } = this.source;
    return {
      type,
      label: this.#options.label(logicalId, this.source.stackName),
      region,
      accountId,
      partition: partitionOf(region),
    };
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

  #parameter(name: string, parameter: TemplateParameter, path: string): unknown {
    const given = this.#options.given?.(name) ?? this.source.parameters?.[name];
    const value =
      parameterValue(parameter, given) ?? (this.#mayStandIn ? parameterStandIn(name, parameter) : undefined);
    if (value !== undefined) return value;
    const { Type = "String" } = parameter;
    throw new AssemblyError(`${this.#place(path)} needs parameter "${name}" of type ${Type}: give its value`);
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

/** How Ref or an attribute of a resource is read: from what is known of its type, made up, or refused. */
interface PhysicalReaders {
  readonly known: (facts: ResourceFacts) => string | undefined;
  readonly standIn: (place: StandInPlace) => string;
  readonly refuse: (facts: ResourceFacts) => never;
}

function refuseAttribute(what: string, { type, logicalId }: ResourceFacts, path: string): never {
  throw new AssemblyError(
    `${path} needs the ${what} of ${logicalId}, which is not emulated for ${type}: give its value`,
  );
}
