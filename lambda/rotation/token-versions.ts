import { parseJsonObject } from "../contract/json-object.ts";
import type { TokenDocument } from "../contract/token.ts";
import type { StoredToken, TokenParameter } from "./token-parameter.ts";

/**
 * One writer at a time, though SSM has no conditional write.
 *
 * Every document says on which version it was based (`basedOn`), and every write learns its own version. A version counts when the one
 * that it is based on was still the last that counted; what was written by hand always counts. So everybody who looks at the versions
 * finds the same one, and a run that was overtaken writes that one over its own and decides anew.
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

  /** Writes a document over the version that it was decided from; `false` when another run was first, whose token then stands. */
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
