/** Where a price was read, since AWS's own price file could not be. */
const SOURCES = {
  notes: "notes taken from the AWS Price List API",
  golden: "infracost's recorded prices of us-east-1",
  page: "text of AWS's own pricing page",
  article: "two or more independent articles",
} as const;

/** What costs nothing each month, for the whole account; one allowance may serve several prices. */
export const FREE_ALLOWANCES = {
  customMetrics: 10,
  alarmMetrics: 10,
  dashboards: 3,
  /** GB ingested, stored and scanned together. */
  logs: 5,
  traces: 100_000,
  lambdaRequests: 1_000_000,
  /** GB-s on either architecture. */
  lambdaTime: 400_000,
  schedules: 14_000_000,
  emails: 1_000,
  publications: 1_000_000,
  kmsRequests: 20_000,
} as const;

/** The name of a free allowance. */
export type Allowance = keyof typeof FREE_ALLOWANCES;

/** One row of the price table. */
export interface Price {
  /** What is paid for. */
  readonly item: string;
  /** US dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  /** Nothing is free when missing. */
  readonly free?: Allowance;
  readonly source: string;
}

/** The day on which the prices were gathered. */
export const PRICES_READ = "2026-11-22";

/** The Region whose list prices these are; others differ by a few percent. */
export const PRICES_REGION = "us-east-1";

type Row = readonly [
  item: string,
  price: readonly [usd: number, per: number, unit: string],
  source: keyof typeof SOURCES,
  free?: Allowance,
];

/** The first tier of each: the next begins far above what a few people can cause. */
const ROWS = {
  customMetric: ["custom metrics", [0.3, 1, "metric"], "notes", "customMetrics"],
  alarmMetric: ["alarm metrics", [0.1, 1, "metric"], "notes", "alarmMetrics"],
  fastAlarmMetric: ["alarm metrics, period under 60 s", [0.3, 1, "metric"], "notes"],
  compositeAlarm: ["composite alarms", [0.5, 1, "alarm"], "notes"],
  dashboard: ["dashboards", [3, 1, "dashboard"], "notes", "dashboards"],
  wideDashboard: ["dashboards of more than 50 metrics", [3, 1, "dashboard"], "notes"],
  logIngestion: ["log ingestion", [0.5, 1, "GB"], "notes", "logs"],
  logStorage: ["log storage", [0.03, 1, "GB-month"], "notes", "logs"],
  logScan: ["Logs Insights scans", [0.005, 1, "GB"], "notes", "logs"],
  trace: ["X-Ray traces", [5, 1_000_000, "traces"], "page", "traces"],
  lambdaRequest: ["Lambda requests", [0.2, 1_000_000, "requests"], "golden", "lambdaRequests"],
  lambdaArm: ["Lambda time, arm64", [0.0000133334, 1, "GB-s"], "golden", "lambdaTime"],
  lambdaX86: ["Lambda time, x86_64", [0.0000166667, 1, "GB-s"], "golden", "lambdaTime"],
  provisioned: ["provisioned concurrency, arm64", [0.0000033333, 1, "GB-s"], "golden"],
  provisionedTime: ["Lambda time under provisioned concurrency", [0.0000077778, 1, "GB-s"], "golden"],
  schedule: ["Scheduler invocations", [1, 1_000_000, "invocations"], "article", "schedules"],
  email: ["SNS e-mails", [2, 100_000, "e-mails"], "golden", "emails"],
  publication: ["SNS publications", [0.5, 1_000_000, "messages"], "golden", "publications"],
  kmsKey: ["KMS keys", [1, 1, "key"], "golden"],
  kmsRequest: ["KMS requests", [0.03, 10_000, "requests"], "golden", "kmsRequests"],
  advancedParameter: ["SSM advanced parameters", [0.05, 1, "parameter"], "golden"],
  natGateway: ["NAT gateways", [0.045, 1, "hour"], "article"],
  interfaceEndpoint: ["interface endpoints, per zone", [0.01, 1, "hour"], "article"],
  publicAddress: ["public IPv4 addresses", [0.005, 1, "hour"], "article"],
} as const satisfies Readonly<Record<string, Row>>;

/** A priced thing by its key. */
export type PriceKey = keyof typeof ROWS;

/**
 * List prices in US dollars: the only file that knows them, but for the models'
 * (lambda/contract/model-row.ts).
 */
export const PRICES = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([key, [item, [usd, per, unit], source, free]]) => [
    key,
    { item, usd, per, unit, source: SOURCES[source], ...(free && { free }) },
  ]),
) as Readonly<Record<PriceKey, Price>>;
