import { isMeasurementVersion } from "../tune-memory/traces.ts";
import {
  isRollback,
  newestServing,
  servesAlone,
  servingText,
  stateText,
  type Deployment,
  type PublishedVersion,
  type Serving,
} from "./serving.ts";

/** What a rollback does, decided from what AWS told. */
export type Choice =
  | { readonly kind: "stop" | "wait"; readonly deployment: Deployment }
  | {
      readonly kind: "move";
      readonly to: PublishedVersion;
      /** Newer ones that were not taken, because Lambda cannot run them. */
      readonly passedOver: readonly PublishedVersion[];
    }
  | { readonly kind: "refused"; readonly reason: string };

const NUMBERS_MOST = 10;

/** Where to go back to: `wanted`, else what CodeDeploy is at, else the version before. */
export function choose(serving: Serving, wanted?: string): Choice {
  if (wanted !== undefined) return chosen(serving, wanted);
  const { underWay } = serving;
  const deployment = underWay.find(isRollback) ?? underWay[0];
  if (deployment !== undefined) return { kind: isRollback(deployment) ? "wait" : "stop", deployment };
  return versionBefore(serving);
}

function chosen(serving: Serving, wanted: string): Choice {
  const { functionName, versions, alias, underWay } = serving;
  const [deployment] = underWay;
  if (deployment !== undefined)
    return refused(
      `deployment ${deployment.id} is under way (${deployment.status}) and would move the alias on: ${isRollback(deployment) ? "it goes back already; wait for its end with rollback alone" : "stop it with rollback alone"}, then --to ${wanted}`,
    );
  const to = versions.find(({ version }) => version === wanted);
  if (to === undefined)
    return refused(`${functionName} has no version ${wanted}: there ${numbers(versions)}`);
  if (servesAlone(alias, wanted))
    return refused(
      `version ${wanted} is live already: there ${numbers(versions.filter(({ version }) => version !== wanted))} beside it`,
    );
  if (isFailed(to))
    return refused(`version ${wanted} cannot run: ${stateText(to) ?? ""}; there ${numbers(versions)}`);
  return { kind: "move", to, passedOver: [] };
}

/** Older than all that get requests: in a split by hand the alias's own version may be the one to go back to. */
function versionBefore({ functionName, versions, alias }: Serving): Choice {
  const newest = newestServing(alias);
  if (newest === "$LATEST")
    return refused(
      `the alias serves ${servingText(alias)}, which no published version is before: choose one with --to; there ${numbers(versions)}`,
    );
  // A version that a killed tune-memory left behind never served anybody.
  const older = versions.filter((one) => Number(one.version) < Number(newest) && !isMeasurementVersion(one));
  const to = older.find((version) => !isFailed(version));
  if (to !== undefined) return { kind: "move", to, passedOver: older.slice(0, older.indexOf(to)) };
  const broken = older.map(
    (version) => `; version ${version.version} cannot run: ${stateText(version) ?? ""}`,
  );
  return refused(
    `${functionName} has no version older than ${newest} to go back to${broken.join("")}: there ${numbers(versions)}; deploy a tag that was good, as docs/rolling-back.md says`,
  );
}

function isFailed({ state }: PublishedVersion): boolean {
  return state?.name === "Failed";
}

function numbers(versions: readonly PublishedVersion[]): string {
  if (versions.length === 0) return "is no published version";
  const shown = versions.slice(0, NUMBERS_MOST).map(({ version }) => version);
  const more = versions.length - shown.length;
  return `${versions.length === 1 ? "is" : "are"} ${shown.join(", ")}${more > 0 ? ` and ${more} older` : ""}`;
}

function refused(reason: string): Choice {
  return { kind: "refused", reason };
}
