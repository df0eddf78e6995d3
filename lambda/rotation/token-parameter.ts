import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { TokenDocument } from "../contract/token.ts";

/** The parameter as it stands in the store. */
export interface StoredToken {
  /** `SecureString`, unless somebody made the parameter otherwise. */
  readonly type: string;
  readonly value: string;
  /** Epoch milliseconds of the last write. */
  readonly modifiedMs: number;
  /** Grows by one with every write. */
  readonly version: number;
}

/** The one parameter that the rotation function may read and write. */
export interface TokenParameter {
  /** The newest version, or the one that is asked for; `undefined` when there is none. */
  readonly read: (version?: number) => Promise<StoredToken | undefined>;
  /** Makes it as a SecureString; leaves alone what somebody else made meanwhile. */
  readonly create: (value: string) => Promise<void>;
  /** Writes over it in one step, and answers the version that it made. */
  readonly replace: (value: string) => Promise<number>;
}

/**
 * The token parameter in SSM; without a key of its own it is encrypted with the account's default key,
 * `alias/aws/ssm`.
 */
export function ssmTokenParameter(client: Pick<SSMClient, "send">, name: string): TokenParameter {
  const secret = (value: string) => ({ Name: name, Type: "SecureString", Value: value }) as const;
  return {
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
    read: (version) => readStoredToken(client, version === undefined ? name : `${name}:${version}`),
    create: async (value) => {
      try {
        await client.send(new PutParameterCommand(secret(value)));
      } catch (error) {
        if (!(error instanceof ParameterAlreadyExists)) throw error;
      }
    },
    replace: async (value) => {
      const { Version } = await client.send(new PutParameterCommand({ ...secret(value), Overwrite: true }));
      return Version ?? 0;
    },
  };
}

async function readStoredToken(
  client: Pick<SSMClient, "send">,
  name: string,
): Promise<StoredToken | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return {
      type: Parameter?.Type ?? "",
      value: Parameter?.Value ?? "",
      modifiedMs: Parameter?.LastModifiedDate?.getTime() ?? 0,
      version: Parameter?.Version ?? 0,
    };
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/**
 * One writer at a time, though SSM has no conditional write.
 *
 * Every document says on which version it was based (`basedOn`), and every write learns its own version. A
 * version counts when the one that it is based on was still the last that counted; what was written by hand
 * always counts. So everybody who looks at the versions finds the same one, and a run that was overtaken
 * writes that one over its own and decides again.
 */
export class TokenVersions {
  readonly #parameter: Pick<TokenParameter, "read" | "replace">;

  constructor(parameter: Pick<TokenParameter, "read" | "replace">) {
    this.#parameter = parameter;
  }

  /** The version that counts; one that does not and stands above it is written over. */
  async current(): Promise<StoredToken | undefined> {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const newest = await this.#parameter.read();
      if (newest === undefined || (await this.#counts(newest))) return newest;
      const counted = await this.#lastCounted(newest.version);
      if (counted === undefined || isSame(counted, newest)) return newest;
      await this.#parameter.replace(basedOn(counted.value, counted.version));
    }
    throw new Error(BUSY);
  }

  /**
   * Writes a document over the version that it was decided from; `false` when another run was first, whose
   * token then stands.
   */
  async replace(document: TokenDocument, from: StoredToken): Promise<boolean> {
    const version = await this.#parameter.replace(basedOn(JSON.stringify(document), from.version));
    if (version === from.version + 1) return true;
    const written = await this.#parameter.read(version);
    if (written !== undefined && (await this.#counts(written))) return true;
    await this.current();
    return false;
  }

  async #counts(stored: StoredToken): Promise<boolean> {
    const base = baseOf(stored);
    if (base === undefined || base === stored.version - 1) return true;
    return (await this.#lastCounted(stored.version))?.version === base;
  }

  async #lastCounted(before: number): Promise<StoredToken | undefined> {
    for (let version = before - 1; version > 0; version -= 1) {
      const stored = await this.#parameter.read(version);
      if (stored === undefined) return undefined;
      if (await this.#counts(stored)) return stored;
    }
    return undefined;
  }
}

/** Other runs that write at the same time are few, and each makes a handful of writes. */
const MAX_TURNS = 10;

const BUSY = "other runs changed the token each time that this one looked: try again in a minute";

/** The same token in another version is as good. */
function isSame(one: StoredToken, other: StoredToken): boolean {
  const bare = ({ value }: StoredToken): string => basedOn(value, 0);
  return bare(one) === bare(other);
}

function baseOf({ value }: StoredToken): number | undefined {
  const base = parseJsonObject(value)?.basedOn;
  return typeof base === "number" ? base : undefined;
}

/** A value that says on which version it is based; a bare token becomes a document. */
function basedOn(value: string, version: number): string {
  return JSON.stringify({ ...(parseJsonObject(value) ?? { current: value.trim() }), basedOn: version });
}
