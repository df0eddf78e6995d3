import type { FunctionSource } from "../assembly/function-resources.ts";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { LambdaFunction } from "../function/lambda-function.ts";
import type {
  AccountConcurrency,
  FunctionDefinition,
  FunctionRecords,
  InFlight,
} from "../function/function-records.ts";
import { LATEST, FunctionVersions, type FunctionVersion } from "../function/function-versions.ts";

/** What every function of the system shares. */
export interface FunctionsPorts {
  readonly clock: Clock;
  readonly records: Pick<FunctionRecords, "log" | "invocation">;
  /** No bound when missing. */
  readonly account?: AccountConcurrency;
  /** Draws which version of a divided alias is invoked, from 0 to 1; `Math.random` when missing. */
  readonly random?: () => number;
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

/** A function of the templates and what was made of it since. */
export interface FunctionWithVersions {
  readonly source: FunctionSource;
  readonly book: FunctionVersions;
}

interface Running {
  readonly qualifier: string;
  readonly version: FunctionVersion;
  readonly lambda: LambdaFunction;
}

interface Member extends FunctionWithVersions {
  readonly inFlight: InFlight;
  readonly running: Map<string, Running>;
}

/** The functions of the templates, each started when it is first invoked. */
export class Functions {
  readonly #ports: FunctionsPorts;
  readonly #members: readonly Member[];
  readonly #started = new Set<LambdaFunction>();
  #environmentOf: EnvironmentOf = () => {
    throw new Error("a function was invoked before its environment was known");
  };
  #isStopped = false;

  constructor(sources: readonly FunctionSource[], ports: FunctionsPorts) {
    this.#ports = ports;
    this.#members = sources.map((source) => ({
      source,
      book: initialVersions(source, () => ports.clock.now()),
      inFlight: { count: 0 },
      running: new Map(),
    }));
  }

  /** Says what the functions find around them, once the addresses are known. */
  useEnvironment(environmentOf: EnvironmentOf): void {
    this.#environmentOf = environmentOf;
  }

  /** The function that is meant; `undefined` when there is none, or not that version or alias. */
  find(target: FunctionTarget): LambdaFunction | undefined {
    const { name, qualifier } = functionNameOf(target);
    const member = this.#members.find(({ source }) => matches(source, name));
    return member && this.#qualified(member, qualifier ?? LATEST);
  }

  /** The function that is meant, whatever its qualifier, with its versions and aliases. */
  findWithVersions(target: FunctionTarget): FunctionWithVersions | undefined {
    const { name } = functionNameOf(target);
    return this.#members.find(({ source }) => matches(source, name));
  }

  /** All of them, with their versions and aliases. */
  all(): readonly FunctionWithVersions[] {
    return this.#members;
  }

  /**
   * Ends every environment. An invocation that this cuts off is not written down: the function did not fail.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#started].map((lambda) => lambda.stop()));
  }

  /**
   * What runs under a qualifier is exchanged once the qualifier means another version, or the version has
   * changed.
   */
  #qualified(member: Member, qualifier: string): LambdaFunction | undefined {
    this.#retireOthers(member, qualifier);
    const version = member.book.route(qualifier, (this.#ports.random ?? Math.random)());
    if (version === undefined) return undefined;
    const key = `${qualifier} ${version.version}`;
    const known = member.running.get(key);
    if (known !== undefined) return known.lambda;
    const lambda = this.#made(member, qualifier, version);
    member.running.set(key, { qualifier, version, lambda });
    this.#started.add(lambda);
    if (this.#isStopped) void lambda.stop();
    return lambda;
  }

  #retireOthers({ book, running }: Member, qualifier: string): void {
    const routed = book.routed(qualifier);
    for (const [key, known] of running) {
      if (known.qualifier !== qualifier || routed.includes(known.version)) continue;
      running.delete(key);
      void known.lambda.retire();
    }
  }

  #made({ source, inFlight }: Member, qualifier: string, version: FunctionVersion): LambdaFunction {
    const { memoryMb, timeoutSeconds } = version;
    const asked = { qualifier, version: version.version, memoryMb, timeoutSeconds };
    const definition = { ...source.definition, ...asked };
    const environment = this.#environmentOf(definition);
    const { clock, account } = this.#ports;
    const ports = { clock, records: this.#records(), inFlight, ...(account && { account }) };
    return new LambdaFunction({ ...definition, environment }, ports);
  }

  #records(): FunctionsPorts["records"] {
    const { log, invocation } = this.#ports.records;
    return {
      log: (event) => (this.#isStopped ? undefined : log(event)),
      invocation: (record) => (this.#isStopped ? undefined : invocation(record)),
    };
  }
}

function initialVersions(
  { definition, description, versions }: FunctionSource,
  now: () => number,
): FunctionVersions {
  const { memoryMb, timeoutSeconds } = definition;
  return new FunctionVersions({ versions, configuration: { memoryMb, timeoutSeconds, description }, now });
}

/**
 * `name`, `name:qualifier`, `account:function:name` and ARNs.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
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
