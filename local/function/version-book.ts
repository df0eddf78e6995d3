import { randomUUID } from "node:crypto";

/** What may be changed of a function while it runs here; everything else is as its template says. */
export interface Configuration {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly description: string;
}

/** `$LATEST` or a published version; another object after every change. */
export interface FunctionVersion extends Configuration {
  readonly version: string;
  /** Epoch milliseconds of its last change; of a published version, of its publication. */
  readonly modifiedMs: number;
  readonly revisionId: string;
}

/** A name for a version. */
export interface FunctionAlias {
  readonly name: string;
  readonly version: string;
  readonly revisionId: string;
}

/** What a book begins with. */
export interface FirstEntries {
  /** The version behind each qualifier: `$LATEST`, published versions and aliases. */
  readonly versions: Readonly<Record<string, string>>;
  readonly configuration: Configuration;
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
export class VersionBook {
  readonly #now: () => number;
  #latest: FunctionVersion;
  readonly #published = new Map<string, FunctionVersion>();
  readonly #aliases = new Map<string, FunctionAlias>();
  #latestWhenPublished: Configuration | undefined;
  #lastNumber = 0;

  constructor({ versions, configuration, now }: FirstEntries) {
    this.#now = now;
    this.#latest = this.#version(LATEST, configuration);
    for (const [qualifier, version] of Object.entries(versions)) {
      if (qualifier === LATEST) continue;
      if (qualifier === version) this.#publish(version, configuration);
      else this.point(qualifier, version);
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

  /** Changes `$LATEST`. */
  configure(changes: Partial<Configuration>): FunctionVersion {
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
    const held = this.aliases().find((alias) => alias.version === version);
    if (held === undefined) this.#published.delete(version);
    return held;
  }

  /** Has an alias mean a version. */
  point(name: string, version: string): FunctionAlias {
    const alias = { name, version, revisionId: randomUUID() };
    this.#aliases.set(name, alias);
    return alias;
  }

  #publish(version: string, configuration: Configuration): FunctionVersion {
    const published = this.#version(version, configuration);
    this.#published.set(version, published);
    this.#latestWhenPublished = this.#latest;
    this.#lastNumber = Number(version);
    return published;
  }

  #version(version: string, configuration: Configuration): FunctionVersion {
    return { ...configuration, version, modifiedMs: this.#now(), revisionId: randomUUID() };
  }
}

function configurationIn({ memoryMb, timeoutSeconds, description }: FunctionVersion): Configuration {
  return { memoryMb, timeoutSeconds, description };
}

function isSame(one: Configuration, other: Configuration | undefined): boolean {
  return (
    one.memoryMb === other?.memoryMb &&
    one.timeoutSeconds === other.timeoutSeconds &&
    one.description === other.description
  );
}
