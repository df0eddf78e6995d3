/** How far back a query of a mail looks: an alarm counts up to a day. */
const DAY_SECONDS = 86_400;

/** Where a Logs Insights query stands ready to run. */
export interface LogsQuery {
  readonly region: string;
  readonly logGroupName: string;
  readonly query: string;
}

/**
 * The address of a Logs Insights query over the last day.
 *
 * After `queryDetail=` the console writes an object as `~(name~value~…)` with `'` before a text, in which `*` stands for the percent
 * sign; the whole is percent-encoded once more with `$` for the percent sign. Quotes and brackets are encoded too, since a mail
 * program ends a link at them.
 */
export function logsInsightsLink({ region, logGroupName, query }: LogsQuery): string {
  const detail = [
    `~(end~0~start~-${DAY_SECONDS}~timeType~'RELATIVE~unit~'seconds`,
    `~editorString~'${starred(query)}~source~(~'${starred(logGroupName)}))`,
  ].join("");
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:logs-insights${dollared(`?queryDetail=${detail}`)}`;
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
