import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OwnFileError, removeOwnFile, replaceOwnFile } from "../own-file.ts";
import { type Parameter, type Parameters, ParameterStore } from "../parameter-store.ts";
import type { Plan } from "./plan.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** The file that holds the current token in clear, for its owner's eyes and for the commands. */
export class TokenFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** `undefined` before there is a token. */
  read(): string | undefined {
    try {
      chmodSync(this.#file, 0o600);
      const token = readFileSync(this.#file, "utf8").trim();
      return token === "" ? undefined : token;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new OwnFileError(this.#file, error);
    }
  }

  /** Replaces the file as a whole; without a token there is no file. */
  write(token: string | undefined): void {
    if (token === undefined) {
      removeOwnFile(this.#file);
      return;
    }
    replaceOwnFile(this.#file, `${token}\n`);
  }
}

/** A token that nobody can guess. */
export function newClientToken(): string {
  return randomBytes(32).toString("base64");
}

/** The current token in a parameter's value: member `current` of a JSON object, or else the value itself. */
export function currentClientToken(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && "current" in parsed)
      return typeof parsed.current === "string" ? parsed.current : "";
  } catch {
    // A bare token is no JSON.
  }
  return value.trim();
}

/** The Parameter Store, and the token among its parameters. */
export interface StageParameters {
  readonly parameters: Parameters;
  /** What of its file could not be read, for the user. */
  readonly parameterNotices: readonly string[];
  /** The current token; empty when there is none, and then nobody is let in. */
  readonly token: () => string;
  /** Makes a token unless there is one. */
  readonly ensureToken: () => void;
}

type ParameterOptions = Pick<RuntimeOptions, "dataDirectory" | "clock" | "tokenParameterVariable">;

/**
 * Opens the parameters of a data directory. The token file follows the token's parameter, so that commands
 * read it without asking; a file from before there was a parameter becomes its value.
 */
export function openParameters({ front, emulated }: Plan, options: ParameterOptions): StageParameters {
  const { dataDirectory, clock, tokenParameterVariable = "CLIENT_TOKEN_PARAM_NAME" } = options;
  const region = front?.source.definition.region ?? "";
  const name = front?.source.definition.environment[tokenParameterVariable] ?? "";
  const store = new ParameterStore(join(dataDirectory, "parameters.json"), () => clock.now());
  store.deploy(emulated.parameters);
  const file = new TokenFile(join(dataDirectory, "token"));
  const find = (): Parameter | undefined => (name === "" ? undefined : store.find(region, name));
  const put = (value: string): Parameter => store.put({ region, name, type: "SecureString", value });
  const token = (): string => (name === "" ? (file.read() ?? "") : currentClientToken(find()?.value ?? ""));
  const mirror = (): void => {
    if (token() !== file.read()) file.write(token() || undefined);
  };
  const before = file.read();
  if (name !== "" && find() === undefined && before !== undefined) put(before);
  mirror();
  return {
    token,
    parameterNotices: store.notices,
    parameters: mirrored(store, mirror),
    ensureToken: () => {
      if (token() !== "" || front === undefined) return;
      if (name === "") file.write(newClientToken());
      else put(newClientToken());
      mirror();
    },
  };
}

/** Follows every change, whoever makes it. */
function mirrored(store: Parameters, changed: () => void): Parameters {
  return {
    find: (region, name) => store.find(region, name),
    list: (region) => store.list(region),
    versions: (region, name) => store.versions(region, name),
    put: (parameter) => {
      const kept = store.put(parameter);
      changed();
      return kept;
    },
    delete: (region, name) => {
      const isDeleted = store.delete(region, name);
      changed();
      return isDeleted;
    },
  };
}
