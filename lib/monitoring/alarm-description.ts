import { consoleAddress } from "../config/region.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import type { AlarmText } from "./alarm-row.ts";
import { MAIL_QUERIES } from "./log-queries.ts";

/** Longest text that CloudWatch accepts as a description. */
const MAX_DESCRIPTION_CHARACTERS = 1024;

/** Widest line of a mail's text; only links are longer. */
const MAX_LINE_COLUMNS = 76;

/**
 * Where an alarm's mail points: what is there, and its addresses, of which a shorter one stands in where the
 * first has no room.
 */
export type AlarmLinks = Readonly<Record<string, string | readonly string[]>>;

/**
 * The text of an alarm's mail: what happened, what it means, what to do first, where to look.
 *
 * It begins on a line of its own, as CloudWatch's mail puts a description behind a label of thirty columns.
 * Where long settings leave too little room, links give way from the last one on: first to their shorter
 * address, then altogether.
 */
export function describeAlarm(row: AlarmText, config: StageConfig, links: AlarmLinks): string {
  const sentences = [row.whatHappened(config), `For the user: ${row.userImpact}`, `First: ${row.firstStep}`];
  const text = ["", ...sentences.map(wrapLines)].join("\n");
  const fitting = linkLines(links)
    .map((lines) => [text, ...lines].join("\n"))
    .find((whole) => whole.length <= MAX_DESCRIPTION_CHARACTERS);
  if (fitting !== undefined) return fitting;
  throw new Error(
    `the description of ${row.key} has ${text.length} characters; CloudWatch takes ${MAX_DESCRIPTION_CHARACTERS}`,
  );
}

/** The lines of the links in every length, the fullest first. */
function linkLines(links: AlarmLinks): readonly (readonly string[])[] {
  const lines = Object.entries(links).map(([what, addresses]) =>
    [addresses].flat().map((address) => `${what}: ${address}`),
  );
  const fullest = lines.map(([line = ""]) => line);
  const givingWay = lines.map((ofLink, at) => {
    const before = fullest.slice(0, at);
    return [...ofLink.slice(1).map((line) => [...before, line]), before];
  });
  return [fullest, ...givingWay.toReversed().flat()];
}

/** Breaks at blanks, so that no mail program breaks where it looks worse. */
function wrapLines(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > MAX_LINE_COLUMNS && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/** Addresses of the AWS console, and of this project's documents, for one stage. */
export function alarmLinksOf(config: StageConfig): (row: AlarmText) => AlarmLinks {
  const { region } = config;
  const names = namesOf(config);
  const cloudwatch = cloudwatchAddress(region);
  return (row) => ({
    Runbook: docsLink(config, runbookPath(row, config)),
    Dashboard: `${cloudwatch}#dashboards/dashboard/${names.dashboard(region, row.dashboard ?? "on-call")}`,
    Log: logAddresses(row, config),
  });
}

/** Where an alarm's runbook is below docs/: those of any function share a document. */
export function runbookPath({ key }: AlarmText, { functionArn }: StageConfig): string {
  return functionArn ? `runbooks/any-function.md#${key}` : `runbooks/${key}.md`;
}

/** The log query of an alarm and, shorter, its log group. */
function logAddresses({ log }: AlarmText, config: StageConfig): readonly string[] {
  const { region } = config;
  const names = namesOf(config);
  const logGroupName = log === "runs" || log === "tries" ? names.probeLogGroup : names.logGroup;
  const query = log === undefined ? undefined : MAIL_QUERIES[log];
  return [
    ...(query === undefined ? [] : [logsInsightsLink({ region, logGroupName, query })]),
    `${cloudwatchAddress(region)}#logsV2:log-groups/log-group/${encodeTwice(logGroupName)}`,
  ];
}

function cloudwatchAddress(region: string): string {
  return `${consoleAddress(region)}/cloudwatch/home?region=${region}`;
}

/**
 * Where a document can be read: in the repository on GitHub where it is known, else its path in the project.
 */
export function docsLink(config: Pick<StageConfig, "githubRepository">, path: string): string {
  const repository = config.githubRepository.replaceAll(/@\d+/g, "");
  return repository === "" ? `docs/${path}` : `https://github.com/${repository}/blob/HEAD/docs/${path}`;
}

/** The console decodes the part after # twice, with $ for the second percent sign. */
function encodeTwice(text: string): string {
  return encodeURIComponent(encodeURIComponent(text)).replaceAll("%", "$");
}

/** How far back a query of a mail looks: an alarm counts up to a day. */
const DAY_SECONDS = 86_400;

/** Where a Logs Insights query stands ready to run. */
interface LogsQuery {
  readonly region: string;
  readonly logGroupName: string;
  readonly query: string;
}

/**
 * The address of a Logs Insights query over the last day.
 *
 * After `queryDetail=` the console writes an object as `~(name~value~…)` with `'` before a text, in which `*`
 * stands for the percent sign; the whole is percent-encoded once more with `$` for the percent sign. Quotes
 * and brackets are encoded too, since a mail program ends a link at them.
 */
export function logsInsightsLink({ region, logGroupName, query }: LogsQuery): string {
  const detail = [
    `~(end~0~start~-${DAY_SECONDS}~timeType~'RELATIVE~unit~'seconds`,
    `~editorString~'${starred(query)}~source~(~'${starred(logGroupName)}))`,
  ].join("");
  return `${cloudwatchAddress(region)}#logsV2:logs-insights${dollared(`?queryDetail=${detail}`)}`;
}

/** Every character but letters, digits and `-._` as `*` and its hexadecimal bytes. */
function starred(text: string): string {
  return percentEncoded(text).replaceAll("%", "*");
}

/** `*` and `~` are the object's own signs and stay. */
function dollared(text: string): string {
  return percentEncoded(text).replaceAll("%2A", "*").replaceAll("%7E", "~").replaceAll("%", "$");
}

/** As encodeURIComponent, and the six signs that it leaves. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
