import { join } from "node:path";

import { ParameterStore } from "../journal/parameter-store.ts";
import { currentToken, newToken, TokenFile } from "../journal/token.ts";
import type { Parameter, Parameters } from "../server/aws/ssm/parameters.ts";
import type { Plan } from "./open-system.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** The Parameter Store, and the token among its parameters. */
export interface StageParameters {
  readonly parameters: Parameters;
  /** The current token; empty when there is none, and then nobody is let in. */
  readonly token: () => string;
  /** Makes a token unless there is one. */
  readonly ensureToken: () => void;
}

type ParameterOptions = Pick<RuntimeOptions, "dataDirectory" | "clock" | "tokenParameterVariable">;

/**
 * Opens the parameters of a data directory. The token file follows the token's parameter, so that commands read it
 * without asking; a file from before there was a parameter becomes its value.
 */
export function openParameters({ front, emulated }: Plan, options: ParameterOptions): StageParameters {
  const { dataDirectory, clock, tokenParameterVariable = "CLIENT_TOKEN_PARAM_NAME" } = options;
  const { region, environment } = front.source.definition;
  const name = environment[tokenParameterVariable] ?? "";
  const store = new ParameterStore(join(dataDirectory, "parameters.json"), () => clock.now());
  store.deploy(emulated.parameters);
  const file = new TokenFile(join(dataDirectory, "token"));
  const find = (): Parameter | undefined => (name === "" ? undefined : store.find(region, name));
  const put = (value: string): Parameter => store.put({ region, name, type: "SecureString", value });
  const token = (): string => (name === "" ? (file.read() ?? "") : currentToken(find()?.value ?? ""));
  const mirror = (): void => {
    if (token() !== file.read()) file.write(token() || undefined);
  };
  const before = file.read();
  if (name !== "" && find() === undefined && before !== undefined) put(before);
  mirror();
  return {
    token,
    parameters: mirrored(store, mirror),
    ensureToken: () => {
      if (token() !== "") return;
      if (name === "") file.write(newToken());
      else put(newToken());
      mirror();
    },
  };
}

/** Follows every change, whoever makes it. */
function mirrored(store: Parameters, changed: () => void): Parameters {
  return {
    find: (region, name) => store.find(region, name),
    list: (region) => store.list(region),
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
