import { isMeasurementVersion } from "../tune-memory/cleanup.ts";
import {
  isRollbackDeployment,
  newestServingVersion,
  isOnlyServing,
  servingText,
  versionStateText,
  type Deployment,
  type PublishedVersion,
  type Serving,
} from "./serving.ts";

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

/** Older than all that get requests: in a split by hand the alias's own version may be the one to go back to. */
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
