import type { Transition } from "@wrist-agent/cloudwatch/alarm";
import { checkMuteRule } from "@wrist-agent/cloudwatch/alarms/mute-rules";
import { detectorKey, detectorQueries } from "@wrist-agent/cloudwatch/math/anomaly-detector";
import type { JournalEntry } from "../journal/journal-entry.ts";
import type {
  CloudWatchAccount,
  Dashboards,
  RegionAlarms,
  RegionApi,
  RegionInsightsApi,
  RegionMetrics,
  StoredDashboard,
  TagsPort,
} from "../server/aws/cloudwatch-ports.ts";
import { AwsError } from "../server/aws/service.ts";
import type { AlarmEvaluator } from "./alarm-evaluator.ts";
import type { CloudWatchRegion } from "./cloudwatch-region.ts";
import type { DashboardSource } from "cw-alarm-test/cloudwatch-resources";

/** The parts of the running system that the CloudWatch API shows and changes. */
export interface CloudWatchAccountParts {
  readonly regions: readonly CloudWatchRegion[];
  readonly home: CloudWatchRegion;
  readonly alarmEvaluator: AlarmEvaluator;
  readonly dashboardStore: DashboardStore;
  readonly tags: TagsPort;
  /** Answers questions about metrics, wherever they are kept. */
  readonly readMetrics: RegionMetrics["answer"];
  readonly drawWidget: CloudWatchAccount["drawWidget"];
  /** Most metrics of a Region that the API makes; 100,000 when missing. */
  readonly maxMetrics?: number;
  /** Writes an entry down and applies it. */
  readonly record: (entry: JournalEntry) => void;
  readonly now: () => number;
}

/** Lets the CloudWatch API reach the running system; whatever it changes is written down. */
export function cloudWatchAccount(parts: CloudWatchAccountParts): CloudWatchAccount {
  const { regions, home, now } = parts;
  return {
    accountId: home.home.accountId,
    homeRegion: home.home.region,
    regions: Object.fromEntries(
      regions.map((region): [string, RegionApi] => [
        region.home.region,
        {
          alarms: alarmsOf(region, parts),
          metrics: metricsOf(region, parts),
          insights: insightsOf(region, parts),
        },
      ]),
    ),
    dashboards: dashboardsOf(parts),
    drawWidget: parts.drawWidget,
    tags: parts.tags,
    now,
  };
}

const NO_TRANSITIONS: readonly Transition[] = [];

function alarmsOf(region: CloudWatchRegion, parts: CloudWatchAccountParts): RegionAlarms {
  const { alarmEvaluator, now } = parts;
  const { alarms } = region;
  const quietly = (act: (nowMs: number) => void): void => {
    const nowMs = now();
    const change = (): readonly Transition[] => {
      act(nowMs);
      return NO_TRANSITIONS;
    };
    alarmEvaluator.change(region, change, nowMs);
  };
  return {
    describe: () => alarms.describe(),
    has: (alarmName) => alarms.find(alarmName) !== undefined,
    history: (alarmName) => alarms.history(alarmName),
    put: (definition) => {
      const nowMs = now();
      alarmEvaluator.change(region, () => alarms.put(definition, nowMs), nowMs);
    },
    setState: (alarmName, setting) => {
      const nowMs = now();
      alarmEvaluator.change(region, () => alarms.setState(alarmName, setting, nowMs), nowMs);
    },
    enableActions: (names) => quietly((nowMs) => alarms.enableActions(names, nowMs)),
    disableActions: (names) => quietly((nowMs) => alarms.disableActions(names, nowMs)),
    delete: (names) => quietly((nowMs) => alarms.delete(names, nowMs)),
    ...muteRulesOf(region, parts),
  };
}

function muteRulesOf(
  { alarms, home: { region } }: CloudWatchRegion,
  { record, now }: CloudWatchAccountParts,
): Pick<RegionAlarms, "muteRules" | "putMuteRule" | "deleteMuteRule"> {
  return {
    muteRules: () => alarms.muteRules(),
    putMuteRule: (given) => {
      const rule = { ...given, updatedMs: now() };
      checkMuteRule(rule);
      record({ kind: "mute-rule", atMs: rule.updatedMs, region, name: rule.name, rule });
    },
    deleteMuteRule: (name) => {
      if (alarms.muteRules().some((rule) => rule.name === name))
        record({ kind: "mute-rule", atMs: now(), region, name });
    },
  };
}

const TRAINING = { seconds: 14 * 86_400, periodSeconds: 300 } as const;

function insightsOf(region: CloudWatchRegion, { record, now }: CloudWatchAccountParts): RegionInsightsApi {
  const { insights, readSeries, home } = region;
  const own = { region: home.region };
  return {
    detectors: () => insights.detectors(),
    putDetector: (detector) => {
      const key = detectorKey(detector.target);
      record({ kind: "anomaly-detector", atMs: now(), ...own, key, detector });
    },
    deleteDetector: (key) => record({ kind: "anomaly-detector", atMs: now(), ...own, key }),
    trainingPoints: ({ target, excludedRanges }, nowMs) => {
      const { periodSeconds, seconds } = TRAINING;
      const startMs = Math.floor(nowMs / (periodSeconds * 1000)) * periodSeconds * 1000 - seconds * 1000;
      const [series] = readSeries(detectorQueries(target, periodSeconds), {
        startMs,
        periodSeconds,
        slots: seconds / periodSeconds,
      });
      return (series?.values ?? []).filter((value, slot) => {
        const timeMs = startMs + slot * periodSeconds * 1000;
        const isExcluded = excludedRanges.some((range) => timeMs >= range.startMs && timeMs < range.endMs);
        return value !== undefined && !isExcluded;
      }).length;
    },
    rules: insights.rules,
    putRule: (rule) => record({ kind: "insight-rule", atMs: now(), ...own, name: rule.name, rule }),
    deleteRule: (name) => record({ kind: "insight-rule", atMs: now(), ...own, name }),
  };
}

/**
 * AWS has no such bound; here one client could end the process, whose memory holds every metric twice. Ten
 * times what AWS lets one account have alarms for.
 */
const MAX_METRICS = 100_000;

function metricsOf(region: CloudWatchRegion, parts: CloudWatchAccountParts): RegionMetrics {
  const { record, now, maxMetrics = MAX_METRICS } = parts;
  return {
    put: (data) => {
      if (region.sizeWith(data) > maxMetrics)
        throw new AwsError(
          "LimitExceeded",
          `the local runtime keeps at most ${maxMetrics} metrics in a Region: send fewer values of dimensions`,
        );
      record({ kind: "metrics", atMs: now(), region: region.home.region, data });
    },
    answer: parts.readMetrics,
  };
}

function dashboardsOf({ dashboardStore, record, now }: CloudWatchAccountParts): Dashboards {
  return {
    list: () => dashboardStore.list(),
    put: (name, body) => record({ kind: "dashboard", atMs: now(), name, body }),
    delete: (names) => {
      for (const name of names) record({ kind: "dashboard", atMs: now(), name });
    },
  };
}

/** Every dashboard of the account: those of the templates first, then those made through the API. */
export class DashboardStore {
  #dashboards = new Map<string, StoredDashboard>();

  /** Puts the templates' dashboards, which win over whatever was made under their names. */
  putTemplates(sources: readonly DashboardSource[], modifiedMs: number): void {
    const templates = new Map(
      sources.map(({ name, body }): [string, StoredDashboard] => [name, { name, body, modifiedMs }]),
    );
    const others = [...this.#dashboards].filter(([name]) => !templates.has(name));
    this.#dashboards = new Map([...templates, ...others]);
  }

  put(dashboard: StoredDashboard): void {
    this.#dashboards.set(dashboard.name, dashboard);
  }

  delete(name: string): void {
    this.#dashboards.delete(name);
  }

  list(): readonly StoredDashboard[] {
    return [...this.#dashboards.values()];
  }

  find(name: string): StoredDashboard | undefined {
    return this.#dashboards.get(name);
  }
}

/** Tags of one resource, in the order in which they were put. */
export type Tags = Readonly<Record<string, string>>;

/** The tags of alarms and dashboards, by ARN: what the templates say, until the API changes it. */
export class ResourceTags {
  readonly #tags: Map<string, Tags>;

  constructor(templates: ReadonlyMap<string, Tags>) {
    this.#tags = new Map(templates);
  }

  /** Takes tags that are written down: they replace all that the resource has. */
  apply(resourceArn: string, tags: Tags): void {
    this.#tags.set(resourceArn, tags);
  }

  /** Empty for a resource that has none, and for one that is not there. */
  of(resourceArn: string): Tags {
    return this.#tags.get(resourceArn) ?? {};
  }
}

/** The tags as an API reads and changes them: each change is written down. */
export function tagsPort(
  resourceTags: ResourceTags,
  { record, now }: { readonly record: (entry: JournalEntry) => void; readonly now: () => number },
): TagsPort {
  return {
    of: (resourceArn) => resourceTags.of(resourceArn),
    put: (resourceArn, tags) => record({ kind: "tags", atMs: now(), resourceArn, tags }),
  };
}
