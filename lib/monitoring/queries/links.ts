import type { StageConfig } from "../../config/stage-config.ts";
import { namesOf } from "../../names.ts";
import type { AlarmLinks } from "../alarm/describe-alarm.ts";
import { MAIL_QUERIES } from "./log-queries.ts";
import { logsInsightsLink } from "./logs-link.ts";
import type { AlarmText } from "../table/alarm-row.ts";

/** Addresses of the AWS console, and of this project's documents, for one stage. */
export function linksOf(config: StageConfig): (row: AlarmText) => AlarmLinks {
  const { region } = config;
  const names = namesOf(config);
  const cloudwatch = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return (row) => ({
    Runbook: docsLink(config, `runbooks/${row.key}.md`),
    Dashboard: `${cloudwatch}#dashboards/dashboard/${names.dashboard("on-call")}`,
    Log:
      row.log === undefined
        ? `${cloudwatch}#logsV2:log-groups/log-group/${twiceEncoded(names.logGroup)}`
        : logsInsightsLink({
            region,
            logGroupName: row.log === "runs" ? names.probeLogGroup : names.logGroup,
            query: MAIL_QUERIES[row.log],
          }),
  });
}

/** Where a document can be read: under `DOCS_URL`, or its path in the project. */
export function docsLink(config: Pick<StageConfig, "docsUrl">, path: string): string {
  return config.docsUrl === "" ? `docs/${path}` : `${config.docsUrl}/${path}`;
}

/** The console decodes the part after # twice, with $ for the second percent sign. */
function twiceEncoded(text: string): string {
  return encodeURIComponent(encodeURIComponent(text)).replaceAll("%", "$");
}
