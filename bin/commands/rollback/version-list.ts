import { alignedColumns, localTime, type Terminal } from "../../cli/terminal.ts";
import { isMeasurementVersion } from "../tune-memory/tuned-function.ts";
import {
  type Deployment,
  isOnlyServing,
  isRollbackDeployment,
  newestServingVersion,
  percentText,
  type PublishedVersion,
  type Serving,
  servingText,
  servingVersions,
  versionStateText,
} from "./rollback.ts";

const MAX_SAME_CODE_NAMED = 3;

/** The beginning of a hash, as much as tells versions apart. */
export function shortCodeHash(codeSha256: string): string {
  return codeSha256.slice(0, 8);
}

/** What `--list` prints: where the requests go, a deployment under way, and every version. */
export function versionListLines({ colours }: Terminal, where: string, serving: Serving): readonly string[] {
  const { functionName, region, alias, underWay, versions, provisioned } = serving;
  const head = ["version", "published", "memory", "timeout", "code"];
  const [titles = "", ...rows] = alignedColumns(
    [head, ...versions.map((version) => versionCells(serving, version))],
    LIST_ALIGN,
  );
  return [
    `${where}: ${functionName} in ${region} serves ${servingText(alias)}`,
    ...underWay.map((deployment) => colours.yellow(`under way: ${deploymentText(deployment)}`)),
    ...(provisioned === undefined ? [] : [`provisioned concurrency: ${provisioned}`]),
    "",
    colours.dim(titles),
    ...rows.map((row, at) => (isServing(serving, versions[at]) ? colours.green(row) : row)),
  ];
}

const LIST_ALIGN = ["right", "left", "right", "right"] as const;

function isServing({ alias }: Serving, version: PublishedVersion | undefined): boolean {
  return version !== undefined && servingVersions(alias).includes(version.version);
}

function versionCells(serving: Serving, version: PublishedVersion): readonly string[] {
  const { codeSha256, memoryMegabytes, timeoutSeconds, publishedMs } = version;
  const remarks = [
    ...(serving.alias.version === version.version ? ["live"] : []),
    ...weightText(serving, version),
    ...sameCodeText(serving, version),
    ...[versionStateText(version)].filter((text) => text !== undefined),
  ];
  return [
    version.version,
    publishedTimeText(publishedMs),
    `${memoryMegabytes} MB`,
    `${timeoutSeconds} s`,
    shortCodeHash(codeSha256),
    remarks.join("; "),
  ];
}

function weightText({ alias }: Serving, { version }: PublishedVersion): readonly string[] {
  const weight = alias.weights[version] ?? 0;
  return weight > 0 ? [`${percentText(weight)} of the requests`] : [];
}

function sameCodeText({ versions }: Serving, { version, codeSha256 }: PublishedVersion): readonly string[] {
  const others = versions.filter((other) => other.codeSha256 === codeSha256 && other.version !== version);
  if (others.length === 0) return [];
  const shown = others.slice(0, MAX_SAME_CODE_NAMED).map((other) => other.version);
  const more = others.length - shown.length;
  return [`same code as ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`];
}

/** A deployment in one phrase: what it is, how it stands, since when and by whom. */
export function deploymentText({ id, status, creator, createdMs }: Deployment): string {
  return [
    `deployment ${id} (${status})`,
    ...(createdMs === undefined ? [] : [`since ${localTime(createdMs)}`]),
    ...(creator === undefined ? [] : [`by ${creator}`]),
  ].join(" ");
}

/** A time that AWS gave, or that it gave none. */
export function publishedTimeText(timeMs: number): string {
  return Number.isNaN(timeMs) ? "unknown" : localTime(timeMs);
}

/** What `--list --json` prints: values of the environment stay out of it. */
export function versionListJson(stage: string, serving: Serving): object {
  const { region, functionName, alias, underWay, provisioned, versions, unasked } = serving;
  return {
    stage,
    region,
    function: functionName,
    live: { version: alias.version, weights: alias.weights },
    deployments: underWay.map(({ id, status, creator = null }) => ({ id, status, creator })),
    provisionedConcurrency: provisioned ?? null,
    versions: versions.map(({ publishedMs, state, ...version }) => ({
      version: version.version,
      published: Number.isNaN(publishedMs) ? null : new Date(publishedMs).toISOString(),
      codeSha256: version.codeSha256,
      memoryMegabytes: version.memoryMegabytes,
      timeoutSeconds: version.timeoutSeconds,
      description: version.description,
      state: state?.name ?? null,
      stateReason: state?.reason ?? null,
    })),
    unasked,
  };
}

/** What a rollback does, decided from what AWS reported. */
export type RollbackChoice =
  | { readonly kind: "stop" | "wait"; readonly deployment: Deployment }
  | {
      readonly kind: "move";
      readonly to: PublishedVersion;
      /** Newer ones that were not taken, because Lambda cannot run them. */
      readonly passedOver: readonly PublishedVersion[];
    }
  | { readonly kind: "refused"; readonly reason: string };

const MAX_VERSIONS_NAMED = 10;

/** Where to go back to: `wanted`, else what CodeDeploy is at, else the version before. */
export function chooseRollback(serving: Serving, wanted?: string): RollbackChoice {
  if (wanted !== undefined) return chooseVersion(serving, wanted);
  const { underWay } = serving;
  const deployment = underWay.find(isRollbackDeployment) ?? underWay[0];
  if (deployment !== undefined)
    return { kind: isRollbackDeployment(deployment) ? "wait" : "stop", deployment };
  return versionBefore(serving);
}

function chooseVersion(serving: Serving, wanted: string): RollbackChoice {
  const { functionName, versions, alias, underWay } = serving;
  const [deployment] = underWay;
  if (deployment !== undefined)
    return refusedChoice(
      `deployment ${deployment.id} is under way (${deployment.status}) and would move the alias on: ${isRollbackDeployment(deployment) ? "it goes back already; wait for its end with rollback alone" : "stop it with rollback alone"}, then --to ${wanted}`,
    );
  const to = versions.find(({ version }) => version === wanted);
  if (to === undefined)
    return refusedChoice(`${functionName} has no version ${wanted}: there ${versionNumbersText(versions)}`);
  if (isOnlyServing(alias, wanted))
    return refusedChoice(
      `version ${wanted} is live already: there ${versionNumbersText(versions.filter(({ version }) => version !== wanted))} beside it`,
    );
  if (isFailedVersion(to))
    return refusedChoice(
      `version ${wanted} cannot run: ${versionStateText(to) ?? ""}; there ${versionNumbersText(versions)}`,
    );
  return { kind: "move", to, passedOver: [] };
}

/**
 * Older than all that get requests: in a split by hand the alias's own version may be the one to go back to.
 */
function versionBefore({ functionName, versions, alias }: Serving): RollbackChoice {
  const newest = newestServingVersion(alias);
  if (newest === "$LATEST")
    return refusedChoice(
      `the alias serves ${servingText(alias)}, which no published version is before: choose one with --to; there ${versionNumbersText(versions)}`,
    );
  // A version that a killed tune-memory left behind never served anybody.
  const older = versions.filter((one) => Number(one.version) < Number(newest) && !isMeasurementVersion(one));
  const to = older.find((version) => !isFailedVersion(version));
  if (to !== undefined) return { kind: "move", to, passedOver: older.slice(0, older.indexOf(to)) };
  const broken = older.map(
    (version) => `; version ${version.version} cannot run: ${versionStateText(version) ?? ""}`,
  );
  return refusedChoice(
    `${functionName} has no version older than ${newest} to go back to${broken.join("")}: there ${versionNumbersText(versions)}; deploy a tag that was good, as docs/rolling-back.md says`,
  );
}

function isFailedVersion({ state }: PublishedVersion): boolean {
  return state?.name === "Failed";
}

function versionNumbersText(versions: readonly PublishedVersion[]): string {
  if (versions.length === 0) return "is no published version";
  const shown = versions.slice(0, MAX_VERSIONS_NAMED).map(({ version }) => version);
  const more = versions.length - shown.length;
  return `${versions.length === 1 ? "is" : "are"} ${shown.join(", ")}${more > 0 ? ` and ${more} older` : ""}`;
}

function refusedChoice(reason: string): RollbackChoice {
  return { kind: "refused", reason };
}
