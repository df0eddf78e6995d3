import { AGENT_ENVIRONMENT } from "../../contract/environment.ts";
import { MODEL_ROWS, type ModelRow } from "../../contract/model-row.ts";

/** The model that answers: its inference profile, what it can do, and what a token of it costs here. */
export interface ModelChoice {
  readonly profileId: string;
  /** ARN of a copy of the profile, which is called instead of it; the same model at the same price. */
  readonly calledAs?: string;
  readonly row: ModelRow;
  /** Factor on the row's prices for this profile's geography. */
  readonly priceFactor: number;
}

/** Prefixes of Bedrock's system-defined inference profiles. */
const GEOGRAPHIES = ["us", "eu", "apac", "jp", "au", "ca", "us-gov", "global"];

const PROFILE_ID = new RegExp(`^(${GEOGRAPHIES.join("|")})\\.(.+)$`);

/** Finds the model's row; throws with what to do when the id is no profile, or unknown and without a row of its own. */
export function chooseModel(profileId: string, suppliedRows: string): ModelChoice {
  const supplied = rowsIn(suppliedRows);
  const [, geography, modelId] = PROFILE_ID.exec(profileId) ?? [];
  const row = supplied[profileId] ?? supplied[modelId ?? ""] ?? MODEL_ROWS[modelId ?? ""];
  if (modelId === undefined && !isProfileArn(profileId))
    throw new Error(
      `model "${profileId}" is not an inference profile; set ${AGENT_ENVIRONMENT.modelId} to one, such as us.${Object.keys(MODEL_ROWS)[0] ?? ""}`,
    );
  if (row === undefined)
    throw new Error(
      `model "${profileId}" is unknown; known are ${Object.keys(MODEL_ROWS).join(", ")}; give its row in ${AGENT_ENVIRONMENT.modelRows}`,
    );
  return { profileId, row, priceFactor: geography === "global" ? 1 : row.geographicFactor };
}

/** An application inference profile is known by ARN only; its price factor is that of a geography. */
function isProfileArn(profileId: string): boolean {
  return /^arn:[^:]+:bedrock:[^:]+:\d+:(application-)?inference-profile\/.+/.test(profileId);
}

function rowsIn(json: string): Readonly<Record<string, ModelRow>> {
  if (json === "") return {};
  const rows = parsed(json);
  for (const [modelId, row] of Object.entries(rows)) {
    const wrong = wrongMember(row);
    if (wrong !== undefined)
      throw new Error(`${AGENT_ENVIRONMENT.modelRows}: row "${modelId}" needs ${wrong}`);
  }
  return rows as Readonly<Record<string, ModelRow>>;
}

function parsed(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // The message below says what was expected.
  }
  throw new Error(`${AGENT_ENVIRONMENT.modelRows} must be a JSON object from model id to row`);
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => typeof value === "number" && value >= 0;
const isFlag: Check = (value) => typeof value === "boolean";

const MEMBERS: readonly (readonly [string, Check, string])[] = [
  ["thinking", (value) => ["budget", "adaptive", "none"].includes(String(value)), "budget, adaptive or none"],
  ["acceptsTemperature", isFlag, "true or false"],
  ["structuredOutput", isFlag, "true or false"],
  ["outputTokensMost", isCount, "a number"],
  ["geographicFactor", isCount, "a number"],
  ["usdPerMillion", isPrices, "numbers input, output, cacheRead and cacheWrite"],
];

function isPrices(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prices: Readonly<Record<string, unknown>> = { ...value };
  return ["input", "output", "cacheRead", "cacheWrite"].every((name) => isCount(prices[name]));
}

function wrongMember(row: unknown): string | undefined {
  const members: Readonly<Record<string, unknown>> =
    typeof row === "object" && row !== null ? { ...row } : {};
  const wrong = MEMBERS.find(([name, isRight]) => !isRight(members[name]));
  return wrong === undefined ? undefined : `${wrong[0]}: ${wrong[2]}`;
}
