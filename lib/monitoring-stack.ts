import { Duration, Fn, Stack } from "aws-cdk-lib/core";
import { DynamicDashboardFactory, MonitoringFacade } from "cdk-monitoring-constructs";
import type { Construct } from "constructs";
import { drawDashboard } from "../dashboards/draw-dashboard.ts";
import { probeServiceOf, serviceOf } from "../lambda/contract/metrics.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopics } from "./constructs/alarm-topics.ts";
import { Probe } from "./constructs/probe.ts";
import { AgentMonitoring, type AgentMonitoringProps } from "./monitoring/agent-monitoring.ts";
import { agentMetrics } from "./monitoring/agent-metrics.ts";
import { docsLink, linksOf } from "./monitoring/links.ts";
import { plannedAlarms } from "./monitoring/planned-alarms.ts";
import { sourcesOf } from "./monitoring/sources.ts";
import { ALIAS_NAME, DASHBOARDS, namesOf, type DashboardName } from "./names.ts";

/** How far back each dashboard looks when it is opened. */
const RANGES: Readonly<Record<DashboardName, Duration>> = {
  "on-call": Duration.hours(24),
  traffic: Duration.days(7),
  cost: Duration.days(30),
};

/** Watches the agent of one stage; knows it only by the names that the application stack exports. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, namesOf(config).monitoringStack, {
      env: { region: config.region },
      description: `Wrist Agent, ${config.stage}: alarms, dashboards and mail`,
      terminationProtection: config.stage === "production",
    });
    const url = Fn.importValue(namesOf(config).functionUrlExport);
    if (sourcesOf(config).has("probe")) new Probe(this, "Probe", { config, url });
    const facade = monitoringFacade(this, config);
    facade.addDynamicSegment(new AgentMonitoring(facade, agentMonitoring(this, config)));
  }
}

function monitoringFacade(stack: Stack, config: StageConfig): MonitoringFacade {
  const names = namesOf(config);
  return new MonitoringFacade(stack, "Monitoring", {
    alarmFactoryDefaults: { alarmNamePrefix: names.function, actionsEnabled: true },
    dashboardFactory: new DynamicDashboardFactory(stack, "Dashboards", {
      dashboardNamePrefix: names.dashboardPrefix,
      dashboardConfigs: DASHBOARDS.map((name) => ({ name, range: RANGES[name] })),
    }),
  });
}

function agentMonitoring(stack: Stack, config: StageConfig): AgentMonitoringProps {
  const { page, ticket } = new AlarmTopics(stack, "Topics", config).bySeverity;
  const watched = watchedFunction(config);
  const metrics = agentMetrics(watched);
  return {
    ...plannedAlarms({ config, metrics, sources: sourcesOf(config) }, linksOf(config)),
    topics: { page, ticket },
    draw: (dashboard, alarms) =>
      drawDashboard(dashboard, {
        config,
        metrics,
        alarms,
        logGroupName: watched.logGroupName,
        probeLogGroupName: namesOf(config).probeLogGroup,
        functionUrl: Fn.importValue(namesOf(config).functionUrlExport),
        docsLink: (path) => docsLink(config, path),
      }),
  };
}

/** The function by its exported ARN (`arn:aws:lambda:region:account:function:name`), so that it deploys first. */
function watchedFunction(config: StageConfig) {
  const names = namesOf(config);
  const functionName = Fn.select(6, Fn.split(":", Fn.importValue(names.functionArnExport)));
  return {
    service: serviceOf(config.stage),
    probeService: probeServiceOf(config.stage),
    modelId: config.modelId,
    functionName,
    aliasName: ALIAS_NAME,
    logGroupName: names.logGroup,
  };
}
