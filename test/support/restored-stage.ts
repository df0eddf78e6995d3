import type { StageToRestore } from "../../bin/commands/backup/restore-plan.ts";
import {
  type Restore,
  type RestoredUrlAnswer,
  RestoreJournal,
  type RestoreOptions,
  type RestorePorts,
} from "../../bin/commands/backup/restore-ports.ts";
import type { Target } from "../../bin/cli/target.ts";
import { memoryTerminal } from "./memory-terminal.ts";

export const BACKUP_ACCOUNT = "111122223333";
export const TOKEN = "/wrist-agent/client-token";

/** What a backup of production says: a token, two settings, a model chosen at run time, two subscribers. */
export const BACKED_UP: StageToRestore = {
  manifest: {
    format: "wrist-agent-backup",
    version: 1,
    stage: "production",
    region: "us-west-2",
    accountId: BACKUP_ACCOUNT,
    madeAt: "2026-11-29T12:00:00.000Z",
    madeBy: "wrist-agent 0.2.0",
    source: "aws",
    secrets: "sealed",
    files: [],
  },
  secrets: [{ name: TOKEN, value: "the-old-token" }],
  settings: { alarmEmail: "on-call@example.com", regions: "us-west-2,eu-west-1" },
  runtime: [
    { name: "/wrist-agent/production/config/model-id", value: "us.anthropic.claude-haiku-5-5" },
    { name: "/wrist-agent/production/config/timeout", value: "25" },
  ],
  subscriptions: [
    { topic: "wrist-agent-production-page", region: "us-west-2", address: "on-call@example.com" },
    { topic: "wrist-agent-production-page", region: "us-west-2", address: "second@example.com" },
    { topic: "wrist-agent-billing", region: "us-east-1", address: "on-call@example.com" },
  ],
  alarmNames: ["wrist-agent-production-failing-now"],
  dashboardNames: ["wrist-agent-production-us-west-2-on-call"],
  stackNames: ["WristAgent-production", "WristAgentMonitoring-production", "WristAgentBilling"],
  stageFile: "LAMBDA_MEMORY=512\n",
};

/** An account that a restore fills, and that breaks off where a test says. */
export class RestoredStage {
  readonly parameters = new Map<string, { readonly type: string; readonly value: string }>();
  readonly deployed = new Map<string, Readonly<Record<string, string>>>();
  readonly subscribed = new Set<string>();
  /** Every change in order, for a comparison of one run with several. */
  readonly changes: string[] = [];
  accountId = BACKUP_ACCOUNT;
  isLocal = false;
  hasBilling = false;
  urlAnswer: RestoredUrlAnswer = { status: 200, milliseconds: 900 };
  alarms = ["wrist-agent-production-failing-now"];
  /** Which call breaks off, counted from 1, and whether the change was made before. */
  cut: { at: number; when: "before" | "after" } | undefined;
  calls = 0;
  readonly #region: string;

  constructor(region = "eu-west-1") {
    this.#region = region;
  }

  readonly ports: RestorePorts = {
    place: () => {
      const { accountId, isLocal, hasBilling } = this;
      return Promise.resolve({ accountId, region: this.#region, isLocal, hasBilling });
    },
    parameter: (name) => this.#asked(() => this.parameters.get(name)),
    putParameter: ({ name, type, value }) =>
      this.#changed(`put ${name}`, () => void this.parameters.set(name, { type, value })),
    deploy: (part, context) => this.#changed(`deploy ${part}`, () => this.#deploy(part, context)),
    outputs: () => this.#asked(() => ({ FunctionUrl: `https://new.lambda-url.${this.#region}.on.aws/` })),
    subscriptions: (topic, region) => this.#asked(() => this.#listed(`${region} ${topic} `)),
    subscribe: (topic, region, address) =>
      this.#changed(`subscribe ${address} to ${topic}`, () => {
        this.subscribed.add(`${region} ${topic} ${address}`);
      }),
    alarmNames: () => this.#asked(() => this.alarms),
    dashboardNames: () => this.#asked(() => [`wrist-agent-production-${this.#region}-on-call`]),
    askUrl: () => this.#asked(() => this.urlAnswer),
  };

  /** As the templates do it: who is in the settings is subscribed, and a token is made where none is. */
  #deploy(part: string, context: Readonly<Record<string, string>>): void {
    this.deployed.set(part, context);
    if (part === "app" && !this.parameters.has(TOKEN))
      this.parameters.set(TOKEN, { type: "SecureString", value: "a-new-token" });
    const { alarmEmail } = context;
    const topic = {
      monitoring: `${this.#region} wrist-agent-production-page`,
      billing: "us-east-1 wrist-agent-billing",
    };
    if (alarmEmail !== undefined && (part === "monitoring" || part === "billing"))
      this.subscribed.add(`${topic[part]} ${alarmEmail}`);
  }

  #listed(prefix: string) {
    return [...this.subscribed]
      .filter((each) => each.startsWith(prefix))
      .map((each) => ({ address: each.slice(prefix.length), arn: "PendingConfirmation" }));
  }

  #asked<T>(answer: () => T): Promise<T> {
    this.#count("before");
    return Promise.resolve(answer());
  }

  async #changed(what: string, change: () => void): Promise<void> {
    this.#count("before");
    change();
    this.changes.push(what);
    if (this.cut?.at === this.calls && this.cut.when === "after") throw new Error("the connection broke");
    return Promise.resolve();
  }

  #count(when: "before"): void {
    this.calls += 1;
    if (this.cut?.at === this.calls && this.cut.when === when) throw new Error("the connection broke");
  }

  /** What a later look at the account would show. */
  state(): object {
    return {
      parameters: Object.fromEntries(this.parameters),
      deployed: Object.fromEntries(this.deployed),
      subscribed: [...this.subscribed].sort(),
    };
  }
}

/** A restore of {@link BACKED_UP} into `world`, its journal in `directory`. */
export function restoreInto(
  world: RestoredStage,
  directory: string,
  changes: Partial<Omit<Restore, "options">> & { readonly options?: Partial<RestoreOptions> } = {},
): Restore & { readonly said: readonly string[] } {
  const said: string[] = [];
  const target: Target = {
    stage: "production",
    where: world.isLocal ? "production on this machine" : "production in AWS",
    isLocal: world.isLocal,
    client: { region: "eu-west-1" },
  };
  return {
    terminal: memoryTerminal(),
    directory,
    target,
    stage: BACKED_UP,
    ports: world.ports,
    journal: (accountId, region) =>
      RestoreJournal.open(
        directory,
        { backup: "checksum", stage: "production", accountId, region },
        () => new Date("2026-11-29T13:00:00.000Z"),
      ),
    stageFileHere: BACKED_UP.stageFile,
    ask: () => Promise.resolve("y"),
    signal: new AbortController().signal,
    wait: () => Promise.resolve(),
    say: (line) => void said.push(line),
    again: "npm run cli -- restore DIR",
    said,
    ...changes,
    options: { context: {}, ...changes.options },
  };
}
