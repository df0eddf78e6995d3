import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeFailure } from "./failure.ts";

/** A handler of the kind that Node.js 24 accepts: it returns its result or a promise of it. */
export type Handler = (event: unknown, context: unknown) => unknown;

const CALLBACK_REFUSED =
  "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to " +
  "modify this function to use a supported handler signature to use Node.js 24 or later. For more information " +
  "see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

/** Loads `file.export` below `directory`, or fails with the error type that Lambda gives. */
export async function loadHandler(directory: string, name: string): Promise<Handler> {
  const [, path, exportPath] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(name) ?? [];
  if (path === undefined || exportPath === undefined)
    throw new RuntimeFailure("Runtime.MalformedHandlerName", "Bad handler");
  const loaded = await importNamingFailures(join(directory, path), path);
  const handler = exportPath.split(".").reduce<unknown>(member, loaded);
  if (handler === undefined || handler === null)
    throw new RuntimeFailure("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof handler !== "function")
    throw new RuntimeFailure("Runtime.HandlerNotFound", `${name} is not a function`);
  if (handler.length >= 3) throw new RuntimeFailure("Runtime.CallbackHandlerDeprecated", CALLBACK_REFUSED);
  return handler as Handler;
}

function member(value: unknown, key: string): unknown {
  return value === undefined || value === null ? undefined : (value as Record<string, unknown>)[key];
}

async function importNamingFailures(path: string, name: string): Promise<unknown> {
  const file = [path, `${path}.js`, `${path}.mjs`, `${path}.cjs`].find((candidate) => existsSync(candidate));
  if (file === undefined)
    throw new RuntimeFailure("Runtime.ImportModuleError", `Error: Cannot find module '${name}'`);
  try {
    return await importFile(file);
  } catch (error) {
    throw named(error);
  }
}

async function importFile(file: string): Promise<unknown> {
  const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  // A CommonJS module's exports stand under `default`; not all are found by static analysis.
  return { ...(loaded.default as object | undefined), ...loaded };
}

function named(error: unknown): unknown {
  if (error instanceof SyntaxError)
    return new RuntimeFailure("Runtime.UserCodeSyntaxError", String(error), { cause: error });
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND")
    return new RuntimeFailure("Runtime.ImportModuleError", String(error), { cause: error });
  return error;
}
