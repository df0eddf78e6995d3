import { namesOf } from "../../../../lib/names.ts";
import { columns } from "../../terminal.ts";
import { againCommand, type Target } from "../target.ts";
import { shortCode, timeText } from "./list-lines.ts";
import { newestServing, servingText, stateText, type PublishedVersion, type Serving } from "./serving.ts";

/** A move of the alias, before or after it was made. */
export interface Move {
  readonly target: Target;
  readonly serving: Serving;
  readonly to: PublishedVersion;
}

/** What going to another version changes, and what AWS cannot say about it. */
export function changeLines(move: Move, passedOver: readonly PublishedVersion[]): readonly string[] {
  const { target, serving, to } = move;
  const { functionName, region, alias, provisioned } = serving;
  const state = stateText(to);
  return [
    `${target.where}: ${functionName} in ${region} serves ${servingText(alias)}; every request would go to version ${to.version}`,
    ...passedOver.map((version) => `version ${version.version} is passed over: ${stateText(version) ?? ""}`),
    ...columns(comparison(move)),
    ...environmentLine(move),
    ...(state === undefined
      ? []
      : [`version ${to.version} is ${state}: ${WAKING[to.state?.name ?? ""] ?? NOT_YET}`]),
    ...(provisioned === undefined
      ? []
      : [
          `the alias keeps ${provisioned} environments initialised: Lambda makes them anew for version ${to.version}, and requests may start cold until it has`,
        ]),
    `whether version ${to.version} was ever live Lambda does not tell: one that the pre-traffic hook refused is among the versions too`,
  ];
}

const NOT_YET = "requests fail until it is Active";

/** https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
const WAKING: Readonly<Record<string, string>> = {
  Inactive: "the first requests fail, and make Lambda bring it back",
};

/** A row for everything that a version fixes; no columns to compare where the alias is on no published version. */
function comparison({ serving, to }: Move): readonly (readonly string[])[] {
  const from = fromOf(serving);
  if (from === undefined || from === to) return rowsOf(to).map(([name, value]) => [name, value]);
  const before = new Map(rowsOf(from));
  return [
    ["", `version ${from.version}`, `version ${to.version}`],
    ...rowsOf(to).map(([name, value]) => {
      const old = before.get(name) ?? "";
      return [name, old, value === old ? "the same" : value];
    }),
  ];
}

function rowsOf(version: PublishedVersion): readonly (readonly [string, string])[] {
  return [
    ["published", timeText(version.publishedMs)],
    ["code", shortCode(version.codeSha256)],
    ["memory", `${version.memoryMegabytes} MB`],
    ["timeout", `${version.timeoutSeconds} s`],
    ["description", version.description === "" ? "none" : version.description],
  ];
}

/** Names alone: a value may be nobody's business. */
function environmentLine({ serving, to }: Move): readonly string[] {
  const before = fromOf(serving)?.environment ?? to.environment;
  const names = new Set([...Object.keys(before), ...Object.keys(to.environment)]);
  const different = [...names].filter((name) => before[name] !== to.environment[name]).sort();
  return different.length === 0 ? [] : [`the environment differs in ${different.join(", ")}`];
}

function fromOf({ versions, alias }: Serving): PublishedVersion | undefined {
  return versions.find(({ version }) => version === newestServing(alias));
}

/** What is left to do once the alias stands on another version. */
export function leftToDo({ target }: Move): readonly string[] {
  if (target.isLocal)
    return [
      `model and timeout set at run time are the same for every version: ${againCommand(target, "config get")}`,
      "to see that it works: npm run cli -- ask, npm run cli -- alarms",
    ];
  return [
    "CloudFormation does not know of it: a deploy that changes no code or setting of the function leaves the alias here",
    `so deploy a tag that was good soon: npm run deploy -- --stage ${target.stage}, from that tag (docs/rolling-back.md)`,
    ...alwaysTrue(target),
  ];
}

/** What holds however a version came to serve. */
export function alwaysTrue(target: Target): readonly string[] {
  const names = namesOf(target.stage);
  return [
    `model and timeout set at run time are in SSM, the same for every version: ${againCommand(target, "config get")}`,
    `to see that it works: ask it, or wait for the probe: ${names.alarm("probe-failing")} is OK again after its next run; the dashboard on-call of the stage tells the rest`,
  ];
}
