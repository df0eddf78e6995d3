import { alignedColumns, localTime, type Terminal } from "../../cli/terminal.ts";
import {
  percentText,
  servingText,
  servingVersions,
  versionStateText,
  type Deployment,
  type PublishedVersion,
  type Serving,
} from "./serving.ts";

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
