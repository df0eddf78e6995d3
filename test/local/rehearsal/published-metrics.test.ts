import { describe, expect, test } from "vitest";
import type { TokenDocument } from "../../../lambda/contract/token.ts";
import { FAULT_SCENARIOS } from "../../../local/rehearsal/scenario.ts";
import { healthyRequest, type SimulatedRequest } from "../../../local/rehearsal/synthetic-traffic.ts";
import {
  metricsOfRequest,
  metricsOfProbeRequest,
  type PublishedMetrics,
} from "../../../local/rehearsal/published-metrics.ts";
import { seededRandom } from "../../../local/random.ts";
import { agentUnderTest, NOW_MS, TOKEN, type Surroundings } from "../../support/agent-under-test.ts";

const OLD = "the-previous-token-of-the-test";
const ASK = { text: "water the fern", mode: "note" };

/** Metrics of the agent that no simulated request has, as no alarm of the table reads them. */
const NOT_SIMULATED: ReadonlySet<string> = new Set(["InputTokens", "SpendBreaker"]);
const FLAGS = ["Failure", "Degraded", "Rejected", "PreviousToken", "ConfigFault"] as const;

const DOCUMENT: TokenDocument = {
  current: TOKEN,
  previous: OLD,
  previousValidUntil: new Date(NOW_MS - 1).toISOString(),
  createdAt: new Date(NOW_MS - 86_400_000).toISOString(),
};

interface Asked {
  readonly token?: string;
  readonly body?: object;
  readonly ask?: Surroundings["ask"];
  readonly headers?: Readonly<Record<string, string>>;
}

const refused = (name: string) => () => Promise.reject(Object.assign(new Error(), { name }));

/** Values of the metrics that the real agent makes of one request. */
async function emitted({
  token = TOKEN,
  body = ASK,
  ask,
  headers,
}: Asked): Promise<ReadonlyMap<string, unknown>> {
  const agent = agentUnderTest({
    environment: { METRICS_PROFILE: "full" },
    token: () => ({ value: JSON.stringify(DOCUMENT) }),
    ...(ask && { ask }),
  });
  await agent.post(body, { "x-client-token": token, ...headers });
  const line = agent.lastLine();
  // A line without a metric is no EMF.
  const { CloudWatchMetrics } = (line._aws ?? { CloudWatchMetrics: [] }) as {
    CloudWatchMetrics: readonly { Metrics: readonly { Name: string }[] }[];
  };
  const names = CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  return new Map(names.filter((name) => !NOT_SIMULATED.has(name)).map((name) => [name, line[name]]));
}

/** What the scenario makes of a request that would have been served. */
function simulated(scenario: string): SimulatedRequest {
  const random = seededRandom(1);
  const served = { ...healthyRequest(random, NOW_MS, 0), outcome: "served" as const };
  const { injectFault, extraTraffic } = FAULT_SCENARIOS.find(({ name }) => name === scenario) ?? {};
  const [stranger] = extraTraffic?.({ beginMs: NOW_MS, endMs: NOW_MS + 3_600_000 }, random) ?? [];
  return stranger ?? injectFault?.(served, random) ?? served;
}

describe("a simulated request", () => {
  test.each<readonly [string, SimulatedRequest, Asked]>([
    ["on a healthy day", simulated("healthy"), {}],
    ["in an outage", simulated("outage"), { ask: refused("InternalServerException") }],
    ["without access", simulated("configuration"), { ask: refused("AccessDeniedException") }],
    ["with a wrong field", { ...simulated("healthy"), outcome: "rejected" }, { body: { mode: "note" } }],
    ["of a stale Shortcut", simulated("stale-token"), { token: OLD }],
    ["of a scanner", simulated("scanner"), { token: "guessed" }],
    ["of a stranger", { ...simulated("scanner"), outcome: "anonymous" }, { token: "" }],
  ])("%s says what the agent says of such a one", async (_when, request, asked) => {
    const values = metricsOfRequest(request).find(({ publisher }) => publisher === "agent")?.values ?? {};
    const real = await emitted(asked);
    expect(Object.keys(values).sort()).toEqual([...real.keys()].sort());
    for (const flag of FLAGS) expect([flag, values[flag]]).toEqual([flag, real.get(flag)]);
  });
});

describe("a simulated try of the probe", () => {
  const headers = { "x-wrist-agent-probe": "1" };

  test.each<readonly [string, SimulatedRequest, Asked]>([
    ["on a healthy day", simulated("healthy"), {}],
    ["in an outage", simulated("outage"), { ask: refused("InternalServerException") }],
    ["without access", simulated("configuration"), { ask: refused("AccessDeniedException") }],
  ])("%s says in the probe's dimension what the agent says of such a one", async (_when, request, asked) => {
    const published = metricsOfProbeRequest(request);
    const ofAgent = published.filter(({ publisher }) => publisher !== "lambda");
    expect(new Set(ofAgent.map(({ publisher }) => publisher))).toEqual(new Set(["probe"]));
    const values = Object.assign({}, ...ofAgent.map((each) => each.values)) as PublishedMetrics["values"];
    expect(values).toEqual(Object.fromEntries(await emitted({ ...asked, headers })));
  });

  test.each([
    ["crash", ["lambda"]],
    ["no-concurrency", ["lambda"]],
    ["unreachable", []],
  ])("in %s, where no handler ends, is known to %j alone", (scenario, publishers) => {
    const published = metricsOfProbeRequest(simulated(scenario));
    expect(published.map(({ publisher }) => publisher)).toEqual(publishers);
  });

  test.each([
    ["healthy", { Invocations: 1, Errors: 0, Url5xxCount: 0 }],
    ["outage", { Invocations: 1, Errors: 0, Url5xxCount: 1 }],
    ["crash", { Invocations: 1, Errors: 1, Url5xxCount: 1 }],
    ["no-concurrency", { Throttles: 1, Url4xxCount: 1 }],
  ])("in %s counts for Lambda as a user's request does", (scenario, values) => {
    const ofLambda = metricsOfProbeRequest(simulated(scenario)).find(
      ({ publisher }) => publisher === "lambda",
    );
    expect(ofLambda?.values).toMatchObject(values);
  });

  test("leaves a line that is no metric where lines are lost", () => {
    const lost = { publisher: "logs", atMs: NOW_MS, values: { EMFValidationErrors: 1 } };
    expect(metricsOfProbeRequest(simulated("lost-metrics")).slice(1)).toEqual([lost]);
  });
});
