import { Duration, Stack } from "aws-cdk-lib/core";
import { DynamicDashboardFactory, MonitoringFacade } from "cdk-monitoring-constructs";
import type { Construct } from "constructs";
import { cost } from "../dashboards/cost.ts";
import { onCall } from "../dashboards/on-call.ts";
import { traffic } from "../dashboards/traffic.ts";
import { grid, type GridRow } from "../dashboards/widgets.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopics } from "./constructs/alarm-topics.ts";
import { Probe } from "./constructs/probe.ts";
import { BREAKER_ALARM, SpendBreaker } from "./constructs/spend-breaker.ts";
import { rememberGivenSettings, stackSynthesizer } from "./constructs/stage-stack.ts";
import {
  AgentMonitoring,
  type AgentMonitoringProps,
  type DashboardInputs,
} from "./monitoring/agent-monitoring.ts";
import { alarmLinksOf, docsLink } from "./monitoring/alarm-description.ts";
import {
  agentMetrics,
  hasSpendBreaker,
  metricsInRegion,
  metricSourcesOf,
  watchedFunction,
  watchedUrl,
} from "./monitoring/metrics.ts";
import { planAlarms } from "./monitoring/plan-alarms.ts";
import { type DashboardName, DASHBOARDS, namesOf } from "./names.ts";

/** How far back each dashboard looks when it is opened. */
const RANGES: Readonly<Record<DashboardName, Duration>> = {
  "on-call": Duration.hours(24),
  traffic: Duration.days(7),
  // A month with all its days, today included.
  cost: Duration.days(31),
};

/** The rows of each dashboard. */
const ROWS: Readonly<Record<DashboardName, (inputs: DashboardInputs) => readonly GridRow[]>> = {
  "on-call": onCall,
  traffic,
  cost,
};

/**
 * Watches the agent of one stage, known by the names that the application stack exports, or any function by
 * its ARN.
 */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, namesOf(config).monitoringArtifact, {
      stackName: namesOf(config).monitoringStack,
      synthesizer: stackSynthesizer(config),
      // Metrics of somebody else's function are in its account alone: the CLI then refuses to deploy to
      // another one.
      env: {
        region: config.region,
        ...(config.functionArn && { account: config.functionArn.accountId }),
      },
      description: `${namesOf(config).title}: alarms, dashboards and mail`,
      terminationProtection: config.stage === "production" && !config.functionArn,
    });
    rememberGivenSettings(this, config, "monitoring");
    const url = watchedUrl(config);
    if (metricSourcesOf(config).has("probe") && url !== undefined) new Probe(this, "Probe", { config, url });
    const facade = monitoringFacade(this, config);
    const monitoring = new AgentMonitoring(facade, agentMonitoring(this, config));
    facade.addDynamicSegment(monitoring);
    const spent = monitoring.alarmsByKey.get(BREAKER_ALARM);
    if (hasSpendBreaker(config) && spent)
      new SpendBreaker(this, "SpendBreaker", { config, alarm: spent.alarm });
  }
}

function monitoringFacade(stack: Stack, config: StageConfig): MonitoringFacade {
  const names = namesOf(config);
  return new MonitoringFacade(stack, "Monitoring", {
    alarmFactoryDefaults: { alarmNamePrefix: names.function, actionsEnabled: true },
    dashboardFactory: new DynamicDashboardFactory(stack, "Dashboards", {
      dashboardNamePrefix: names.dashboardPrefix(config.region),
      dashboardConfigs: dashboardsOf(config).map((name) => ({ name, range: RANGES[name] })),
    }),
  });
}

/** Without the agent's own figures nobody knows what a request cost. */
function dashboardsOf(config: StageConfig): readonly DashboardName[] {
  return metricSourcesOf(config).has("custom") ? DASHBOARDS : DASHBOARDS.filter((name) => name !== "cost");
}

function agentMonitoring(stack: Stack, config: StageConfig): AgentMonitoringProps {
  const { page, ticket } = new AlarmTopics(stack, "Topics", config).bySeverity;
  const { logGroup: logGroupName, title } = namesOf(config);
  const metrics = agentMetrics(watchedFunction(config), { logGroupName });
  const sources = metricSourcesOf(config);
  const shown = { config, metrics, sources, logGroupName, title, functionUrl: watchedUrl(config) };
  const elsewhere = config.regions.filter((region) => region !== config.region);
  const otherRegions = elsewhere.map((region) => ({ region, metrics: metricsInRegion(config, region) }));
  return {
    ...planAlarms({ config, metrics, sources }, alarmLinksOf(config)),
    topics: { page, ticket },
    draw: (dashboard, alarms) =>
      grid(
        ROWS[dashboard]({
          ...shown,
          otherRegions,
          alarms,
          probeLogGroupName: namesOf(config).probeLogGroup,
          docsLink: (path) => docsLink(config, path),
        }),
      ),
  };
}
