import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { MODEL_ROWS, type ModelRow } from "../../lambda/contract/model-row.ts";
import { probeTokens } from "../../lambda/contract/probe.ts";
import { meanOverModes } from "../../lambda/contract/usual-traffic.ts";
import {
  ASSUMED_USE,
  type BilledFunction,
  billedFunctions,
  billedSchedules,
  DAYS_PER_MONTH,
  environmentsReady,
  type FunctionRuns,
  HOURS_PER_MONTH,
  modelIdOf,
  tracesPerDay,
} from "./billed-function.ts";
import {
  billAreaOf,
  billedPlace,
  type BilledResource,
  type BilledStage,
  type MeterReading,
  stackResources,
  templateNumber,
  templateText,
  type Usage,
} from "./billed-stack.ts";
import { type Price, type PriceKey, PRICES } from "./prices.ts";

interface Tokens {
  readonly input: number;
  readonly output: number;
}

/**
 * Tokens of a month's runs: people ask in the modes' mix, the probe as cheaply as it can but for a few
 * questions in full.
 */
const TOKENS: Readonly<Record<FunctionRuns["by"], (perMonth: number) => Tokens>> = {
  people: (perMonth) => ({
    input: perMonth * meanOverModes(({ inputTokens }) => inputTokens),
    output: perMonth * meanOverModes(({ outputTokens }) => outputTokens),
  }),
  "the probe": (perMonth) => probeTokens(perMonth, DAYS_PER_MONTH),
  "the probe, for its health": () => ({ input: 0, output: 0 }),
  "its schedule": () => ({ input: 0, output: 0 }),
};

/** The tokens of the model behind each agent, at the price that the agent itself reckons with. */
export function readModels(billed: BilledStage): MeterReading {
  const readings = billedFunctions(billed)
    .filter(({ isAgent }) => isAgent)
    .map(modelReading);
  return {
    usages: readings.flatMap(({ usages }) => usages),
    notCounted: readings.flatMap(({ notCounted = [] }) => notCounted),
    assumed: ["every request gets a model's answer, without thinking"],
  };
}

function modelReading(fn: BilledFunction): MeterReading {
  const profileId = modelIdOf(fn) ?? "";
  const row = MODEL_ROWS[profileId.slice(profileId.indexOf(".") + 1)];
  if (row === undefined)
    return {
      usages: [],
      notCounted: [`tokens of ${billedPlace(fn.resource)}: no price is known for "${profileId}"`],
    };
  const prices = tokenPrices(profileId, row);
  return {
    usages: fn.runs.flatMap((runs) => tokenUsages(runs, prices)),
  };
}

function tokenUsages(
  { by, area, perMonth }: FunctionRuns,
  prices: readonly [Price, Price],
): readonly Usage[] {
  const { input, output } = TOKENS[by](perMonth);
  const what = `asked by ${by}`;
  return [
    { area, what, price: prices[0], quantity: input },
    { area, what, price: prices[1], quantity: output },
  ];
}

function tokenPrices(profileId: string, row: ModelRow): readonly [Price, Price] {
  const factor = profileId.startsWith("global.") ? 1 : row.geographicFactor;
  const price = (item: string, usd: number): Price => ({
    item: `${item} of ${profileId}`,
    usd: usd * factor,
    per: 1_000_000,
    unit: "tokens",
    source: "lambda/contract/model-row.ts",
  });
  return [price("tokens read", row.usdPerMillion.input), price("tokens written", row.usdPerMillion.output)];
}

/** Lambda's requests and time, and X-Ray where it is on. */
export function readFunctions(billed: BilledStage): MeterReading {
  const functions = billedFunctions(billed);
  const idle = functions.filter(({ runs }) => runs.every(({ perMonth }) => perMonth === 0));
  return {
    usages: [
      ...functions.flatMap((fn) =>
        fn.runs.flatMap((runs) => [...runUsages(fn, runs), ...traceUsages(fn, runs)]),
      ),
      ...functions.flatMap(provisionedUsages),
    ],
    notCounted: idle.map(
      ({ resource }) =>
        `runs of ${billedPlace(resource)}: they come with events such as an alarm or a deployment`,
    ),
  };
}

function runUsages(fn: BilledFunction, { by, area, perMonth, seconds }: FunctionRuns): readonly Usage[] {
  const what = `${fn.name}, asked by ${by}`;
  const time = { area, what, price: timePrice(fn), quantity: perMonth * seconds * fn.memoryGb };
  return [{ area, what, price: PRICES.lambdaRequest, quantity: perMonth }, time];
}

/** What is kept ready is paid by the second, whether or not anybody asks. */
function provisionedUsages({ name, resource, memoryGb }: BilledFunction): readonly Usage[] {
  const ready = environmentsReady(resource.stack, resource.logicalId);
  if (ready === 0) return [];
  const quantity = ready * memoryGb * HOURS_PER_MONTH * 3600;
  return [
    { area: billAreaOf(resource.stack), what: `${ready} of ${name}`, price: PRICES.provisioned, quantity },
  ];
}

function timePrice({ architecture, isProvisioned }: BilledFunction): Price {
  if (isProvisioned) return PRICES.provisionedTime;
  return architecture === "arm64" ? PRICES.lambdaArm : PRICES.lambdaX86;
}

/** People come in the course of a day, a schedule evenly: each of its runs is the first of its second. */
function traceUsages(fn: BilledFunction, { by, perMonth }: FunctionRuns): readonly Usage[] {
  if (!fn.isTraced) return [];
  const quantity = by === "people" ? tracesPerDay(perMonth / DAYS_PER_MONTH) * DAYS_PER_MONTH : perMonth;
  return [{ area: "monitoring", what: `${fn.name}, asked by ${by}`, price: PRICES.trace, quantity }];
}

/** Resources that are paid by the hour or by the piece: how many units each is. */
const BY_THE_PIECE: Readonly<
  Record<string, { readonly price: PriceKey; readonly units: (resource: BilledResource) => number }>
> = {
  "AWS::KMS::Key": { price: "kmsKey", units: () => 1 },
  "AWS::EC2::NatGateway": { price: "natGateway", units: () => HOURS_PER_MONTH },
  "AWS::EC2::EIP": { price: "publicAddress", units: () => HOURS_PER_MONTH },
  "AWS::EC2::VPCEndpoint": {
    price: "interfaceEndpoint",
    units: ({ properties }) =>
      properties.VpcEndpointType === "Interface" ? zoneCount(properties.SubnetIds) * HOURS_PER_MONTH : 0,
  },
  "AWS::SSM::Parameter": {
    price: "advancedParameter",
    units: ({ properties }) => (properties.Tier === "Advanced" ? 1 : 0),
  },
};

/** The types that {@link readPieces} prices. */
export const PIECE_PRICED_TYPES = Object.keys(BY_THE_PIECE);

/** NAT gateways, addresses, endpoints, keys and advanced parameters. */
export function readPiecePriced({ stacks }: BilledStage): MeterReading {
  const usages = stacks
    .flatMap((stack) => stackResources(stack))
    .flatMap((resource): readonly Usage[] => {
      const row = BY_THE_PIECE[resource.type];
      const quantity = row?.units(resource) ?? 0;
      if (row === undefined || quantity === 0) return [];
      return [
        { area: billAreaOf(resource.stack), what: billedPlace(resource), price: PRICES[row.price], quantity },
      ];
    });
  const isNat = ({ price }: Usage): boolean => [PRICES.natGateway, PRICES.interfaceEndpoint].includes(price);
  return {
    usages,
    notCounted: usages.some(isNat)
      ? ["data through NAT gateways and endpoints: a few KB for each request"]
      : [],
  };
}

function zoneCount(subnets: unknown): number {
  return Array.isArray(subnets) ? subnets.length : 1;
}

/** Runs of EventBridge Scheduler. */
export function readSchedules({ stacks }: BilledStage): MeterReading {
  const schedules = stacks.flatMap(billedSchedules);
  return {
    usages: schedules.flatMap(({ resource, perMonth }): readonly Usage[] =>
      perMonth === undefined || resource.type !== "AWS::Scheduler::Schedule"
        ? []
        : [
            {
              area: billAreaOf(resource.stack),
              what: billedPlace(resource),
              price: PRICES.schedule,
              quantity: perMonth,
            },
          ],
    ),
    notCounted: schedules
      .filter(({ perMonth }) => perMonth === undefined)
      .map(
        ({ resource }) =>
          `runs of ${billedPlace(resource)}: its schedule "${templateText(resource.properties.ScheduleExpression) ?? ""}" is not read here`,
      ),
  };
}

/** Messages of the topics, and the mails that they become. */
export function readTopics({ stacks }: BilledStage): MeterReading {
  const topics = stacks.flatMap((stack) => stackResources(stack, "AWS::SNS::Topic"));
  const mails = stacks
    .flatMap((stack) => stackResources(stack, "AWS::SNS::Subscription"))
    .filter(({ properties }) => String(properties.Protocol).startsWith("email"));
  const usage =
    (price: PriceKey) =>
    (resource: BilledResource): Usage => ({
      area: billAreaOf(resource.stack),
      what: resource.stack.stackName,
      price: PRICES[price],
      quantity: ASSUMED_USE.messagesPerTopic,
    });
  return {
    usages: [...topics.map(usage("publication")), ...mails.map(usage("email"))],
    assumed: [
      `each topic gets ${ASSUMED_USE.messagesPerTopic} messages a month: ten incidents and their ends`,
    ],
  };
}

/** Requests to KMS for the token, which is read again once its time to live is over. */
export function readTokenReads(billed: BilledStage): MeterReading {
  const usages = billedFunctions(billed).flatMap(({ name, runs, environment }): readonly Usage[] => {
    const ttl = templateNumber(environment[AGENT_ENVIRONMENT.tokenTtlSeconds]);
    if (ttl === undefined) return [];
    const runsPerMonth = runs.reduce((sum, { perMonth }) => sum + perMonth, 0);
    const quantity = Math.min(runsPerMonth, (DAYS_PER_MONTH * 86_400) / ttl);
    return [{ area: "agent", what: `${name} reads its token`, price: PRICES.kmsRequest, quantity }];
  });
  return { usages };
}
