import { Fn, Stack } from "aws-cdk-lib/core";
import { DynamicDashboardFactory, MonitoringFacade, notifySns } from "cdk-monitoring-constructs";
import type { Construct } from "constructs";
import { grid } from "../dashboards/grid.ts";
import { onCall } from "../dashboards/on-call.ts";
import { serviceOf } from "../lambda/contract/metrics.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopic } from "./constructs/alarm-topic.ts";
import { AgentMonitoring } from "./monitoring/agent-monitoring.ts";
import { agentMetrics } from "./monitoring/agent-metrics.ts";
import { ALARMS } from "./monitoring/alarms.ts";
import { describeAlarm } from "./monitoring/describe-alarm.ts";
import { ALIAS_NAME, namesOf } from "./names.ts";

/** Watches the agent of one stage; knows it only by the names that the application stack exports. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    const names = namesOf(config.stage);
    super(scope, names.monitoringStack, {
      env: { region: config.region },
      description: `Wrist Agent, ${config.stage}: alarms, dashboards and mail`,
    });
    const functionName = Fn.select(6, Fn.split(":", Fn.importValue(names.functionArnExport)));
    const metrics = agentMetrics({ service: serviceOf(config.stage), functionName, aliasName: ALIAS_NAME });
    const topic = (severity: "page" | "ticket") =>
      new AlarmTopic(this, severity === "page" ? "PageTopic" : "TicketTopic", {
        topicName: names.topics[severity],
        displayName: `Wrist Agent ${config.stage}`,
        emails: config.alarmEmails,
      });
    const page = topic("page");
    const ticket = topic("ticket");
    const facade = new MonitoringFacade(this, "Monitoring", {
      alarmFactoryDefaults: { alarmNamePrefix: names.dashboardPrefix, actionsEnabled: true },
      dashboardFactory: new DynamicDashboardFactory(this, "Dashboards", {
        dashboardNamePrefix: names.dashboardPrefix,
        dashboardConfigs: [{ name: "on-call" }],
      }),
    });
    const inputs = { config, metrics };
    const monitoring = new AgentMonitoring(facade, {
      actions: { page: notifySns(page, page), ticket: notifySns(ticket, ticket) },
      alarms: ALARMS.map((row) => ({
        row,
        rule: row.rule(inputs),
        description: describeAlarm(row, inputs, {
          dashboard: names.dashboard("on-call"),
          runbook: `docs/runbooks/${row.key}.md`,
        }),
      })),
      draw: (_dashboard, alarms) => [grid(onCall({ ...inputs, alarms, logGroupName: names.logGroup }))],
    });
    facade.addDynamicSegment(monitoring);
  }
}
