import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ResolvedStack, StackSource } from "./resolved-stack.ts";
import { resolveStacks } from "./resolve-stacks.ts";
import { loadTemplate } from "./read-template.ts";
import { AssemblyError } from "./template.ts";

/** Where the runtime pretends to be when a stack leaves it to the deployment. */
const UNKNOWN_ENVIRONMENT = { accountId: "123456789012", region: "us-east-1" };

/** A cloud assembly, `cdk.out`, as the local runtime uses it. */
export interface Assembly {
  readonly stacks: readonly ResolvedStack[];
  /** Absolute path of the asset that a template names by its S3 key; `undefined` when there is none. */
  readonly assetPath: (s3Key: string) => string | undefined;
  /** Parts of the assembly that are left out, by name. */
  readonly notices: readonly string[];
}

type Artifacts = readonly (readonly [string, Readonly<Record<string, unknown>>])[];

/** A stack of an assembly, and where its template is. */
export interface StackFile {
  /** Name within the assembly, which the CDK CLI takes. */
  readonly id: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly templateFile: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What the account must have been bootstrapped with; missing where the stack needs nothing of it. */
  readonly bootstrap?: BootstrapNeed;
  /** Notes of the app on this stack, as the CDK CLI shows them. */
  readonly metadataFile?: string;
}

/** The SSM parameter with the version of the bootstrap stack, and the least that it must say. */
export interface BootstrapNeed {
  readonly parameter: string;
  readonly version: number;
}

/** The stacks that `cdk synth` wrote to `directory`, without reading their templates. */
export async function stackFiles(directory: string): Promise<readonly StackFile[]> {
  const artifacts = artifactsOf(await readJson(join(directory, "manifest.json")), directory);
  return stackArtifacts(artifacts, directory).map((entry) => stackFile(directory, entry));
}

/** Reads the assembly that `cdk synth` wrote to `directory`. */
export async function loadAssembly(directory: string): Promise<Assembly> {
  const artifacts = artifactsOf(await readJson(join(directory, "manifest.json")), directory);
  const stacks = stackArtifacts(artifacts, directory);
  const sources = await Promise.all(stacks.map((entry) => stackSource(directory, entry)));
  const assets = await readAssets(directory, artifactsOfType(artifacts, "cdk:asset-manifest"));
  return {
    stacks: resolveStacks(sources),
    assetPath: (s3Key) => assets.get(s3Key),
    notices: artifactsOfType(artifacts, "cdk:cloud-assembly").map(
      ([id]) => `nested assembly ${id} is not read: its stacks do nothing here`,
    ),
  };
}

/** Every stack of an assembly and of the stages nested in it, before its references are resolved. */
export async function assemblySources(directory: string): Promise<readonly AssemblySource[]> {
  const artifacts = artifactsOf(await readJson(join(directory, "manifest.json")), directory);
  const own = artifactsOfType(artifacts, "aws:cloudformation:stack").map(async (entry) => ({
    source: await stackSource(directory, entry),
    file: stackFile(directory, entry).templateFile,
  }));
  const nested = artifactsOfType(artifacts, "cdk:cloud-assembly").map(([id, { properties }]) =>
    assemblySources(
      join(directory, textOr(isJsonObject(properties) ? properties.directoryName : undefined, id)),
    ),
  );
  const sources = [...(await Promise.all(own)), ...(await Promise.all(nested)).flat()];
  if (sources.length === 0) throw new AssemblyError(`${directory} holds no stack: synthesise it again`);
  return sources;
}

/** A stack of an assembly, and the file of its template. */
interface AssemblySource {
  readonly source: StackSource;
  readonly file: string;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AssemblyError(`cannot read ${file}: synthesise the app first`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssemblyError(`${file} is not JSON: synthesise the app again`, { cause });
  }
}

function artifactsOf(manifest: unknown, directory: string): Artifacts {
  const artifacts = isJsonObject(manifest) ? manifest.artifacts : undefined;
  if (!isJsonObject(artifacts))
    throw new AssemblyError(`manifest.json of ${directory} lists no artifacts: synthesise again`);
  return Object.entries(artifacts).flatMap(([id, artifact]) =>
    isJsonObject(artifact) ? [[id, artifact] as const] : [],
  );
}

function artifactsOfType(artifacts: Artifacts, type: string): Artifacts {
  return artifacts.filter(([, artifact]) => artifact.type === type);
}

function stackArtifacts(artifacts: Artifacts, directory: string): Artifacts {
  const stacks = artifactsOfType(artifacts, "aws:cloudformation:stack");
  if (stacks.length === 0) throw new AssemblyError(`${directory} holds no stack: synthesise it again`);
  return stacks;
}

function stackFile(directory: string, [id, artifact]: Artifacts[number]): StackFile {
  const properties = isJsonObject(artifact.properties) ? artifact.properties : {};
  return {
    id,
    stackName: textOr(properties.stackName, id),
    ...stackEnvironment(textOr(artifact.environment, "")),
    templateFile: join(directory, textOr(properties.templateFile, `${id}.template.json`)),
    tags: textMembers(properties.tags),
    ...(typeof artifact.additionalMetadataFile === "string" && {
      metadataFile: join(directory, artifact.additionalMetadataFile),
    }),
    ...bootstrapOf(properties),
  };
}

function bootstrapOf(properties: Readonly<Record<string, unknown>>): { readonly bootstrap?: BootstrapNeed } {
  const { bootstrapStackVersionSsmParameter: parameter, requiresBootstrapStackVersion: version } = properties;
  if (typeof parameter !== "string" || typeof version !== "number") return {};
  return { bootstrap: { parameter, version } };
}

async function stackSource(directory: string, entry: Artifacts[number]): Promise<StackSource> {
  const { templateFile, stackName, region, accountId } = stackFile(directory, entry);
  const properties = isJsonObject(entry[1].properties) ? entry[1].properties : {};
  return {
    stackName,
    region,
    accountId,
    template: await loadTemplate(templateFile),
    parameters: textMembers(properties.parameters),
  };
}

/** `aws://account/region`, either of which may be unknown. */
function stackEnvironment(environment: string): { accountId: string; region: string } {
  const [, account = "", region = ""] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  return {
    accountId: /^\d{12}$/.test(account) ? account : UNKNOWN_ENVIRONMENT.accountId,
    region: region === "" || region === "unknown-region" ? UNKNOWN_ENVIRONMENT.region : region,
  };
}

/** The texts of an object, by name. */
function textMembers(object: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(object)) return {};
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string";
    }),
  );
}

/** Every file asset by the object key that it would get in the bootstrap bucket. */
async function readAssets(directory: string, manifests: Artifacts): Promise<ReadonlyMap<string, string>> {
  const assets = new Map<string, string>();
  for (const [id, artifact] of manifests) {
    const properties = isJsonObject(artifact.properties) ? artifact.properties : {};
    const manifest = await readJson(join(directory, textOr(properties.file, `${id}.json`)));
    const files = isJsonObject(manifest) && isJsonObject(manifest.files) ? manifest.files : {};
    for (const file of Object.values(files)) addAsset(assets, directory, file);
  }
  return assets;
}

function addAsset(assets: Map<string, string>, directory: string, file: unknown): void {
  if (!isJsonObject(file) || !isJsonObject(file.source) || !isJsonObject(file.destinations)) return;
  const { path } = file.source;
  if (typeof path !== "string") return;
  for (const destination of Object.values(file.destinations)) {
    if (isJsonObject(destination) && typeof destination.objectKey === "string")
      assets.set(destination.objectKey, join(directory, path));
  }
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
