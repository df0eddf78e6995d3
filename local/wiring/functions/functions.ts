import type { FunctionSource } from "../../assembly/function/function-source.ts";
import type { Clock } from "../../clock.ts";
import type { FunctionDefinition } from "../../function/definition.ts";
import { LambdaFunction, type InFlight } from "../../function/lambda-function.ts";
import type { FunctionRecords } from "../../function/record.ts";

/** What every function of the system shares. */
export interface FunctionsPorts {
  readonly clock: Clock;
  readonly records: Pick<FunctionRecords, "log" | "invocation">;
}

/** All variables of a function; asked when it is first invoked. */
export type EnvironmentOf = (definition: FunctionDefinition) => Readonly<Record<string, string>>;

/** A function as a caller names it. */
export interface FunctionTarget {
  /** A name, a partial ARN or an ARN, which may end in a qualifier. */
  readonly name: string;
  /** An alias or a version; wins over none in the name. */
  readonly qualifier?: string;
}

interface Member {
  readonly source: FunctionSource;
  readonly inFlight: InFlight;
  readonly byQualifier: Map<string, LambdaFunction>;
}

/** The functions of the templates, each started when it is first invoked. */
export class Functions {
  readonly #ports: FunctionsPorts;
  readonly #members: readonly Member[];
  #environmentOf: EnvironmentOf = () => {
    throw new Error("a function was invoked before its environment was known");
  };
  #isStopped = false;

  constructor(sources: readonly FunctionSource[], ports: FunctionsPorts) {
    this.#ports = ports;
    this.#members = sources.map((source) => ({
      source,
      inFlight: { count: 0 },
      byQualifier: new Map(),
    }));
  }

  /** Says what the functions find around them, once the addresses are known. */
  open(environmentOf: EnvironmentOf): void {
    this.#environmentOf = environmentOf;
  }

  /** The function that is meant; `undefined` when no template has it, or not that version or alias. */
  find(target: FunctionTarget): LambdaFunction | undefined {
    const { name, qualifier } = functionNameOf(target);
    const member = this.#members.find(({ source }) => matches(source, name));
    return member && this.#qualified(member, qualifier ?? "$LATEST");
  }

  /** Ends every environment. An invocation that this cuts off is not written down: the function did not fail. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const started = this.#members.flatMap(({ byQualifier }) => [...byQualifier.values()]);
    await Promise.all(started.map((lambda) => lambda.stop()));
  }

  #qualified({ source, inFlight, byQualifier }: Member, qualifier: string): LambdaFunction | undefined {
    const known = byQualifier.get(qualifier);
    if (known !== undefined || !Object.hasOwn(source.versions, qualifier)) return known;
    const version = source.versions[qualifier] ?? qualifier;
    const definition = { ...source.definition, qualifier, version };
    const environment = this.#environmentOf(definition);
    const ports = { clock: this.#ports.clock, records: this.#records(), inFlight };
    const lambda = new LambdaFunction({ ...definition, environment }, ports);
    byQualifier.set(qualifier, lambda);
    return lambda;
  }

  #records(): FunctionsPorts["records"] {
    const { log, invocation } = this.#ports.records;
    return {
      log: (event) => (this.#isStopped ? undefined : log(event)),
      invocation: (record) => (this.#isStopped ? undefined : invocation(record)),
    };
  }
}

/** `name`, `name:qualifier`, `account:function:name` and ARNs. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const FUNCTION_NAME =
  /^(?:arn:[^:]+:lambda:(?<region>[^:]+):)?(?:(?<account>\d{12}):)?(?:function:)?(?<name>[\w-]+)(?::(?<suffix>[\w$-]+))?$/;

interface SplitName {
  readonly name: { readonly region?: string; readonly account?: string; readonly name: string };
  readonly qualifier?: string;
}

function functionNameOf({ name, qualifier }: FunctionTarget): SplitName {
  const parts = FUNCTION_NAME.exec(name)?.groups;
  if (parts === undefined) return { name: { name } };
  const { suffix, ...rest } = parts;
  const given = qualifier ?? suffix;
  return { name: { name: "", ...rest }, ...(given !== undefined && { qualifier: given }) };
}

function matches({ definition }: FunctionSource, { region, account, name }: SplitName["name"]): boolean {
  return (
    definition.functionName === name &&
    (region === undefined || region === definition.region) &&
    (account === undefined || account === definition.accountId)
  );
}
