/** Logs Insights queries over the log of any Lambda function, in text or JSON format. */

/** The newest lines that tell of a failure. */
export const LAST_ERRORS: readonly string[] = [
  "fields @timestamp, @message",
  "filter @message like /(?i)(error|exception|panic|timed out|runtime exited)/",
  "sort @timestamp desc",
  "limit 20",
];

/** Versions of the function by when each ran first: what changed, and when. */
export const STOCK_VERSIONS: readonly string[] = [
  'filter @message like /^START / or type = "platform.start"',
  'parse @message /[Vv]ersion"?: ?"?(?<version>[^\\s",}]+)/',
  "stats min(@timestamp) as first, max(@timestamp) as last, count(*) as invocations by version",
  "sort first desc",
];

/** Cold starts and what they took, by day. */
export const STOCK_COLD_STARTS: readonly string[] = [
  'filter @type = "REPORT" or type = "platform.report"',
  "fields coalesce(@initDuration, record.metrics.initDurationMs) as initMs",
  "stats count(initMs) as coldStarts, max(initMs) as slowestMs, count(*) as invocations by bin(1d) as day",
  "sort day desc",
];
