import { AGENT_ENVIRONMENT } from "../../../lambda/contract/environment.ts";
import { functionsOf, schedulesOf } from "../billed-function.ts";
import { areaOf, numberOf, resourcesOf, textOf, type BilledResource } from "../billed-stack.ts";
import { PRICES, type PriceKey } from "../prices.ts";
import { DAYS_PER_MONTH, HOURS_PER_MONTH, USE } from "../traffic.ts";
import { placeOf, type Billed, type Reading, type Usage } from "../usage.ts";

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
      properties.VpcEndpointType === "Interface" ? zones(properties.SubnetIds) * HOURS_PER_MONTH : 0,
  },
  "AWS::SSM::Parameter": {
    price: "advancedParameter",
    units: ({ properties }) => (properties.Tier === "Advanced" ? 1 : 0),
  },
};

/** The types that {@link readPieces} prices. */
export const PIECE_TYPES = Object.keys(BY_THE_PIECE);

/** NAT gateways, addresses, endpoints, keys and advanced parameters. */
export function readPieces({ stacks }: Billed): Reading {
  const usages = stacks
    .flatMap((stack) => resourcesOf(stack))
    .flatMap((resource): readonly Usage[] => {
      const row = BY_THE_PIECE[resource.type];
      const quantity = row?.units(resource) ?? 0;
      if (row === undefined || quantity === 0) return [];
      return [{ area: areaOf(resource.stack), what: placeOf(resource), price: PRICES[row.price], quantity }];
    });
  const isNat = ({ price }: Usage): boolean => [PRICES.natGateway, PRICES.interfaceEndpoint].includes(price);
  return {
    usages,
    notCounted: usages.some(isNat)
      ? ["data through NAT gateways and endpoints: a few KB for each request"]
      : [],
  };
}

function zones(subnets: unknown): number {
  return Array.isArray(subnets) ? subnets.length : 1;
}

/** Runs of EventBridge Scheduler. */
export function readSchedules({ stacks }: Billed): Reading {
  const schedules = stacks.flatMap(schedulesOf);
  return {
    usages: schedules.flatMap(({ resource, perMonth }): readonly Usage[] =>
      perMonth === undefined || resource.type !== "AWS::Scheduler::Schedule"
        ? []
        : [
            {
              area: areaOf(resource.stack),
              what: placeOf(resource),
              price: PRICES.schedule,
              quantity: perMonth,
            },
          ],
    ),
    notCounted: schedules
      .filter(({ perMonth }) => perMonth === undefined)
      .map(
        ({ resource }) =>
          `runs of ${placeOf(resource)}: its schedule "${textOf(resource.properties.ScheduleExpression) ?? ""}" is not read here`,
      ),
  };
}

/** Messages of the topics, and the mails that they become. */
export function readTopics({ stacks }: Billed): Reading {
  const topics = stacks.flatMap((stack) => resourcesOf(stack, "AWS::SNS::Topic"));
  const mails = stacks
    .flatMap((stack) => resourcesOf(stack, "AWS::SNS::Subscription"))
    .filter(({ properties }) => String(properties.Protocol).startsWith("email"));
  const usage =
    (price: PriceKey) =>
    (resource: BilledResource): Usage => ({
      area: areaOf(resource.stack),
      what: resource.stack.stackName,
      price: PRICES[price],
      quantity: USE.messagesPerTopic,
    });
  return {
    usages: [...topics.map(usage("publication")), ...mails.map(usage("email"))],
    assumed: [`each topic gets ${USE.messagesPerTopic} messages a month: ten incidents and their ends`],
  };
}

/** Requests to KMS for the token, which is read again once its time to live is over. */
export function readTokenReads(billed: Billed): Reading {
  const usages = functionsOf(billed).flatMap(({ name, runs, environment }): readonly Usage[] => {
    const ttl = numberOf(environment[AGENT_ENVIRONMENT.tokenTtlSeconds]);
    if (ttl === undefined) return [];
    const runsPerMonth = runs.reduce((sum, { perMonth }) => sum + perMonth, 0);
    const quantity = Math.min(runsPerMonth, (DAYS_PER_MONTH * 86_400) / ttl);
    return [{ area: "agent", what: `${name} reads its token`, price: PRICES.kmsRequest, quantity }];
  });
  return { usages };
}
