import { describe, expect, test } from "vitest";
import { quantityText, priceText, usdText } from "../../bin/commands/bill.ts";
import { parseTemplate } from "cw-alarm-test/yaml-template";
import { billOf, type Bill, type BillSums } from "../../local/bill/bill.ts";
import type { BillArea } from "../../local/bill/billed-stack.ts";
import { FREE_ALLOWANCES, PRICES, PRICES_READ, type Price } from "../../local/bill/prices.ts";
import { freeShares, stackSizes } from "../../bin/commands/templates.ts";
import { spendLimits } from "../../bin/commands/spend-limits.ts";
import { MODE_TRAFFIC } from "../../lambda/contract/usual-traffic.ts";
import { synthesise } from "../support/synthesise.ts";
import { expectDocument, tableText, type Row } from "../support/written-document.ts";

const TRAFFIC = [10, 30, 1_000, 100_000];

const PROFILES = ["default", "full"] as const;

type Profile = (typeof PROFILES)[number];

const stacksOf = memo(synthesised);

/** The production stage as `bill --requests-per-day N --profile P -c alarmEmail=…` synthesises it. */
function synthesised(monitoringProfile: Profile, requestsPerDay: number) {
  const context = {
    ...spendLimits(requestsPerDay),
    monitoringProfile,
    requestsPerDay: String(requestsPerDay),
    alarmEmail: "you@example.com",
  };
  return [...synthesise({ stage: "production", context })].map(([stackName, text]) => ({
    stackName,
    template: parseTemplate(text, stackName),
    bytes: Buffer.byteLength(text),
  }));
}

/** A synthesis costs a third of a second, and several tables need the same one. */
function memo<T>(make: (profile: Profile, requestsPerDay: number) => T): typeof make {
  const made = new Map<string, T>();
  return (profile, requestsPerDay) => {
    const key = `${profile} ${requestsPerDay}`;
    const value = made.get(key) ?? make(profile, requestsPerDay);
    made.set(key, value);
    return value;
  };
}

function billsOf(profile: Profile): readonly Bill[] {
  return TRAFFIC.map((requestsPerDay) =>
    billOf({ stacks: stacksOf(profile, requestsPerDay), requestsPerDay }),
  );
}

const BILLS: Readonly<Record<Profile, readonly Bill[]>> = {
  default: billsOf("default"),
  full: billsOf("full"),
};

const PER_DAY = TRAFFIC.map((requests) => `${requests.toLocaleString("en-US")} a day`);

/** What is to be paid, and of how much. */
function cell(sums: BillSums | undefined): string {
  if (sums === undefined) return "";
  const [net, gross] = [usdText(sums.netUsd), usdText(sums.grossUsd)];
  return net === gross || sums.grossUsd < 0.005 ? gross : `${net} of ${gross}`;
}

function billTable(bills: readonly Bill[], areas: readonly BillArea[]): readonly Row[] {
  const rows = areas.flatMap((area) => {
    const lines = (bill: Bill) => bill.lines.filter((line) => line.area === area);
    const items = new Set(bills.flatMap((bill) => lines(bill).map(({ item }) => item)));
    return [
      ...[...items].map((item) => [
        item,
        ...bills.map((bill) => cell(lines(bill).find((line) => line.item === item))),
      ]),
      [`**${area}, together**`, ...bills.map(({ sums }) => `**${cell(sums[area])}**`)],
    ];
  });
  return [["USD a month", ...PER_DAY], ...rows];
}

function freeText({ free, unit }: Price): string {
  return free === undefined
    ? "none"
    : `${quantityText(FREE_ALLOWANCES[free])} ${/^GB|s$/.test(unit) ? unit : `${unit}s`}`;
}

const stacks = (profile: Profile) => stacksOf(profile, 30);

const TABLES: Readonly<Record<string, () => readonly Row[]>> = {
  default: () => billTable(BILLS.default, ["agent", "monitoring"]),
  full: () => billTable(BILLS.full, ["monitoring"]),
  free: () => {
    const [usual, full] = [freeShares(stacks("default")), freeShares(stacks("full"))];
    const rows = usual.map(({ what, used, most }, at) => [
      what,
      String(most),
      String(used),
      String(full[at]?.used),
    ]);
    return [["", "Free", "Default", "Full"], ...rows];
  },
  prices: () => [
    ["Item", "USD", "Free a month", "Read in"],
    ...Object.values(PRICES).map((price) => [
      price.item,
      priceText({ price }),
      freeText(price),
      price.source,
    ]),
  ],
  modes: () => [
    ["Mode", "Share", "Tokens read", "Tokens written", "Half are faster than", "95 % are"],
    ...Object.entries(MODE_TRAFFIC).map(
      ([mode, { share, inputTokens, outputTokens, p50Seconds, p95Seconds }]) => [
        mode,
        `${Math.round(share * 100)} %`,
        String(inputTokens),
        String(outputTokens),
        `${p50Seconds} s`,
        `${p95Seconds} s`,
      ],
    ),
  ],
};

function listsOf({ notCounted, assumed, unpriced }: Bill): Readonly<Record<string, readonly string[]>> {
  return { assumed, "not-counted": [...unpriced.map((type) => `${type}: no price is known`), ...notCounted] };
}

function blocks(): Readonly<Record<string, string>> {
  const [bill] = BILLS.full;
  const lists = bill ? Object.entries(listsOf(bill)) : [];
  const tables = Object.entries(TABLES).map(([name, table]) => [name, tableText(table())] as const);
  return {
    date: `List prices of us-east-1 as of ${PRICES_READ}.`,
    ...Object.fromEntries(tables),
    ...Object.fromEntries(
      lists.map(([name, sentences]) => [name, sentences.map((each) => `- ${each}`).join("\n")] as const),
    ),
  };
}

test("docs/costs.md says what the bill says", async () => {
  await expectDocument("docs/costs.md", blocks());
});

describe("the production stage", () => {
  test.each(PROFILES)("has no resource without a price in the %s profile", (profile) => {
    expect(BILLS[profile].flatMap(({ unpriced }) => unpriced)).toEqual([]);
  });

  test.each([10, 30])(
    "monitoring at %s requests a day costs the probe's tokens and a few cents of log queries",
    (requestsPerDay) => {
      const bill = BILLS.default[TRAFFIC.indexOf(requestsPerDay)];
      const paid = bill?.lines.filter(({ area, netUsd }) => area === "monitoring" && netUsd >= 0.005) ?? [];
      const others = paid.filter(({ item }) => !item.startsWith("tokens "));
      expect(others.map(({ item }) => item)).toEqual(["Logs Insights scans"]);
      expect(others[0]?.netUsd).toBeLessThan(0.03);
      expect(bill?.sums.monitoring.netUsd).toBeLessThan(0.25);
    },
  );

  test.each(PROFILES)("stays far below what CloudFormation takes in the %s profile", (profile) => {
    for (const { stackName, resources, bytes } of stackSizes(stacks(profile)))
      for (const { used, most } of [resources, bytes]) expect(used, stackName).toBeLessThan(most / 2);
  });

  test("the default profile uses no more than is free", () => {
    for (const { what, used, most } of freeShares(stacks("default")))
      expect(used, what).toBeLessThanOrEqual(most);
  });
});
