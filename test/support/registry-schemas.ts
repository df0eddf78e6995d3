import { loadAwsServiceSpec } from "@aws-cdk/aws-service-spec";
import type {
  Property,
  PropertyType,
  Resource,
  SpecDatabase,
  TypeDefinition,
} from "@aws-cdk/service-spec-types";

/** What was compared with CloudFormation's registry, and what was wrong, each with its place. */
export interface SchemaFindings {
  readonly wrong: readonly string[];
  readonly resources: number;
  readonly values: number;
}

type Values = Readonly<Record<string, unknown>>;

let loaded: Promise<SpecDatabase> | undefined;

/**
 * Compares the resources of templates with the schemas that CloudFormation's registry publishes for their
 * types.
 */
export async function registryFindings(templates: readonly string[]): Promise<SchemaFindings> {
  loaded ??= loadAwsServiceSpec();
  const reader = new SchemaReader(await loaded);
  let resources = 0;
  for (const text of templates) {
    const { Resources = {} } = JSON.parse(text) as {
      Resources?: Readonly<Record<string, { Type: string; Properties?: Values }>>;
    };
    for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
      resources += 1;
      if (!Type.startsWith("Custom::")) reader.resource(`${id} ${Type}`, Type, Properties);
    }
  }
  return { wrong: reader.wrong, resources, values: reader.values };
}

/** A value that CloudFormation computes: its type shows at deploy time alone. */
function isIntrinsic(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const [key = "", ...more] = Object.keys(value);
  return more.length === 0 && (key === "Ref" || key.startsWith("Fn::"));
}

class SchemaReader {
  readonly wrong: string[] = [];
  values = 0;
  readonly #db: SpecDatabase;
  readonly #resources = new Map<string, Resource | undefined>();

  constructor(db: SpecDatabase) {
    this.#db = db;
  }

  resource(place: string, type: string, properties: Values): void {
    if (!this.#resources.has(type)) {
      const [found] = this.#db.lookup("resource", "cloudFormationType", "equals", type);
      this.#resources.set(type, found);
    }
    const schema = this.#resources.get(type);
    if (schema === undefined) this.wrong.push(`${place}: the registry knows no such type`);
    else this.#members(place, schema.properties, properties);
  }

  #members(place: string, schemas: Readonly<Record<string, Property>>, values: Values): void {
    for (const [name, { required }] of Object.entries(schemas))
      if (required === true && !(name in values)) this.wrong.push(`${place}: ${name} is required`);
    for (const [name, value] of Object.entries(values)) {
      const schema = schemas[name];
      if (schema === undefined) this.wrong.push(`${place}: ${name} is not known`);
      else if (!typesOf(schema).some((type) => this.#fits(type, value)))
        this.#value(`${place}.${name}`, schema.type, value);
      else
        this.#value(
          `${place}.${name}`,
          typesOf(schema).find((type) => this.#fits(type, value)) ?? schema.type,
          value,
        );
    }
  }

  /** Whether a value fits a type, without a trace in the findings. */
  #fits(type: PropertyType, value: unknown): boolean {
    const trial = new SchemaReader(this.#db);
    trial.#value("", type, value);
    return trial.wrong.length === 0;
  }

  #value(place: string, type: PropertyType, value: unknown): void {
    this.values += 1;
    if (isIntrinsic(value) || type.type === "json") return;
    if (type.type === "array" && Array.isArray(value)) {
      value.forEach((each, at) => this.#value(`${place}[${at}]`, type.element, each));
      return;
    }
    if (type.type === "map" && isMap(value)) {
      for (const [key, each] of Object.entries(value)) this.#value(`${place}.${key}`, type.element, each);
      return;
    }
    if (type.type === "tag" && isMap(value)) return;
    if (type.type === "union") {
      if (!type.types.some((each) => this.#fits(each, value)))
        this.wrong.push(`${place}: fits none of its types`);
      return;
    }
    if (type.type === "ref") {
      const definition: TypeDefinition = this.#db.get("typeDefinition", type.reference.$ref);
      if (isMap(value)) {
        this.#members(place, definition.properties, value);
        return;
      }
    }
    if (!isScalar(type.type, value)) this.wrong.push(`${place}: ${JSON.stringify(value)} is no ${type.type}`);
  }
}

/** The latest type of a property first, then those that it had. */
function typesOf({ type, previousTypes = [] }: Property): readonly PropertyType[] {
  return [type, ...previousTypes];
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(type: string, value: unknown): boolean {
  if (type === "string" || type === "date-time") return typeof value === "string";
  if (type === "integer") return Number.isInteger(value);
  if (type === "number") return typeof value === "number";
  return type === "boolean" && typeof value === "boolean";
}
