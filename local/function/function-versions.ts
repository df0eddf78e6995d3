import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What may be changed of a function while it runs here; everything else is as its template says. */
export interface FunctionConfiguration {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly description: string;
}

/** `$LATEST` or a published version; another object after every change. */
export interface FunctionVersion extends FunctionConfiguration {
  readonly version: string;
  /** Epoch milliseconds of its last change; of a published version, of its publication. */
  readonly modifiedMs: number;
  readonly revisionId: string;
}

/** A name for a version. */
export interface FunctionAlias {
  readonly name: string;
  readonly version: string;
  /** Shares of the invocations, from 0 to 1, that another version gets; empty without a split. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

/** What a book begins with. */
interface InitialVersions {
  /** The version behind each qualifier: `$LATEST`, published versions and aliases. */
  readonly versions: Readonly<Record<string, string>>;
  readonly configuration: FunctionConfiguration;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The version that is changed until it is published. */
export const LATEST = "$LATEST";

/**
 * Versions and aliases of one function, from its template on.
 *
 * Published versions stay as they are; `$LATEST` changes, and aliases move.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 */
export class FunctionVersions {
  readonly #now: () => number;
  #latest: FunctionVersion;
  readonly #published = new Map<string, FunctionVersion>();
  readonly #aliases = new Map<string, FunctionAlias>();
  #latestWhenPublished: FunctionConfiguration | undefined;
  #lastNumber = 0;

  constructor({ versions, configuration, now }: InitialVersions) {
    this.#now = now;
    this.#latest = this.#version(LATEST, configuration);
    for (const [qualifier, version] of Object.entries(versions)) {
      if (qualifier === LATEST) continue;
      if (qualifier === version) this.#publish(version, configuration);
      else this.moveAlias(qualifier, version);
    }
  }

  /** `$LATEST`, then the published versions in the order of their numbers. */
  versions(): readonly FunctionVersion[] {
    return [this.#latest, ...this.#published.values()];
  }

  aliases(): readonly FunctionAlias[] {
    return [...this.#aliases.values()];
  }

  /** What a version's number, `$LATEST` or an alias means. */
  find(qualifier: string): FunctionVersion | undefined {
    const version = this.#aliases.get(qualifier)?.version ?? qualifier;
    return version === LATEST ? this.#latest : this.#published.get(version);
  }

  /** Every version that a qualifier sends invocations to, its own one first. */
  routed(qualifier: string): readonly FunctionVersion[] {
    const others = Object.keys(this.#aliases.get(qualifier)?.weights ?? {});
    return [this.find(qualifier), ...others.map((version) => this.#published.get(version))].filter(
      (version) => version !== undefined,
    );
  }

  /** The version that one invocation goes to; `draw` is from 0 (included) to 1 (excluded). */
  route(qualifier: string, draw: number): FunctionVersion | undefined {
    let left = draw;
    const weighted = Object.entries(this.#aliases.get(qualifier)?.weights ?? {});
    const [other] = weighted.find(([, weight]) => (left -= weight) < 0) ?? [];
    return other === undefined ? this.find(qualifier) : this.#published.get(other);
  }

  /** Changes `$LATEST`. */
  configure(changes: Partial<FunctionConfiguration>): FunctionVersion {
    this.#latest = this.#version(LATEST, { ...configurationIn(this.#latest), ...changes });
    return this.#latest;
  }

  /** A new version of `$LATEST`, or the last one where nothing has changed since. */
  publish(description?: string): FunctionVersion {
    const last = this.#published.get(String(this.#lastNumber));
    if (last !== undefined && isSame(this.#latest, this.#latestWhenPublished)) return last;
    const changed = description === undefined ? {} : { description };
    return this.#publish(String(this.#lastNumber + 1), { ...configurationIn(this.#latest), ...changed });
  }

  /** Removes a published version, unless an alias means it: then the answer names that alias. */
  remove(version: string): FunctionAlias | undefined {
    const held = this.aliases().find(
      (alias) => alias.version === version || Object.hasOwn(alias.weights, version),
    );
    if (held === undefined) this.#published.delete(version);
    return held;
  }

  /** Has an alias mean a version, and another one for a share of the invocations. */
  moveAlias(name: string, version: string, weights: FunctionAlias["weights"] = {}): FunctionAlias {
    const alias = { name, version, weights, revisionId: randomUUID() };
    this.#aliases.set(name, alias);
    return alias;
  }

  #publish(version: string, configuration: FunctionConfiguration): FunctionVersion {
    const published = this.#version(version, configuration);
    this.#published.set(version, published);
    this.#latestWhenPublished = this.#latest;
    this.#lastNumber = Number(version);
    return published;
  }

  #version(version: string, configuration: FunctionConfiguration): FunctionVersion {
    return { ...configuration, version, modifiedMs: this.#now(), revisionId: randomUUID() };
  }
}

function configurationIn({ memoryMb, timeoutSeconds, description }: FunctionVersion): FunctionConfiguration {
  return { memoryMb, timeoutSeconds, description };
}

function isSame(one: FunctionConfiguration, other: FunctionConfiguration | undefined): boolean {
  return (
    one.memoryMb === other?.memoryMb &&
    one.timeoutSeconds === other.timeoutSeconds &&
    one.description === other.description
  );
}

/**
 * SHA-256 of a function's files in base64, which is equal for equal code; Lambda's is that of the uploaded
 * zip.
 */
export function codeHash(codeDirectory: string): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(codeDirectory, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(codeDirectory.length)).update("\0").update(readFileSync(path));
  }
  return hash.digest("base64");
}

/** How much a function's files are together. */
export function codeBytes(codeDirectory: string): number {
  return readdirSync(codeDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}

interface DirectoryEntry {
  readonly parentPath: string;
  readonly name: string;
}

function byPath(one: DirectoryEntry, other: DirectoryEntry): number {
  const [a, b] = [join(one.parentPath, one.name), join(other.parentPath, other.name)];
  return a < b ? -1 : a > b ? 1 : 0;
}
