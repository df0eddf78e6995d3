import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The tiny assembly: a function with a URL, an alarm on it and its mails. */
export const TINY_ASSEMBLY = join(import.meta.dirname, "..", "fixtures", "assembly");

/** What is added to the tiny assembly. */
export interface Growth {
  /** More resources of the stack `Tiny`, by logical id. */
  readonly resources?: Readonly<Record<string, object>>;
  /** More resources of the stack `TinyMonitoring`. */
  readonly monitoring?: Readonly<Record<string, object>>;
  /** Source of `index.mjs` by asset name; a function names it as `{ S3Key: "name.zip" }`. */
  readonly assets?: Readonly<Record<string, string>>;
}

/** Writes a copy of the tiny assembly with more in it, and gives its directory. */
export async function grownAssembly(directory: string, growth: Growth): Promise<string> {
  await cp(TINY_ASSEMBLY, directory, { recursive: true });
  await addMembers(join(directory, "Tiny.template.json"), "Resources", growth.resources ?? {});
  await addMembers(join(directory, "TinyMonitoring.template.json"), "Resources", growth.monitoring ?? {});
  const files = Object.keys(growth.assets ?? {}).map((name) => [
    name,
    {
      source: { path: `asset.${name}`, packaging: "zip" },
      destinations: { current: { bucketName: "cdk-assets", objectKey: `${name}.zip` } },
    },
  ]);
  await addMembers(join(directory, "Tiny.assets.json"), "files", Object.fromEntries(files) as object);
  for (const [name, source] of Object.entries(growth.assets ?? {})) {
    await mkdir(join(directory, `asset.${name}`), { recursive: true });
    await writeFile(join(directory, `asset.${name}`, "index.mjs"), source);
  }
  return directory;
}

/** A function of the assembly that runs the asset of its name. */
export function functionResource(name: string, properties: object = {}): object {
  return {
    Type: "AWS::Lambda::Function",
    Properties: {
      FunctionName: name,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { S3Bucket: "cdk-assets", S3Key: `${name}.zip` },
      ...properties,
    },
  };
}

async function addMembers(file: string, at: string, members: object): Promise<void> {
  const content = JSON.parse(await readFile(file, "utf8")) as Record<string, object>;
  await writeFile(file, JSON.stringify({ ...content, [at]: { ...content[at], ...members } }));
}
