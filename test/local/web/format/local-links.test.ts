import { expect, test } from "vitest";
import { describedAlarm, localHref } from "../../../../local/web/format/local-links.ts";
import { splitLinks } from "../../../../local/web/format/text.ts";

const AT = 1_795_978_800_000;
const AROUND = `from=${AT - 3_600_000}&to=${AT + 900_000}`;
const CONSOLE = "https://us-west-2.console.aws.amazon.com/cloudwatch";

test.each([
  ["docs/runbooks/failing-now.md", "#/docs/runbooks%2Ffailing-now.md"],
  ["docs/alarms.md", "#/docs/alarms.md"],
  [
    "https://github.com/o/r/blob/HEAD/docs/runbooks/any-function.md#throttles",
    "#/docs/runbooks%2Fany-function.md",
  ],
  ["https://docs.example/runbooks/duration.md", "#/docs/runbooks%2Fduration.md"],
  [
    `${CONSOLE}/home?region=us-west-2#dashboards/dashboard/a-us-west-2-cost`,
    `#/dashboards/a-us-west-2-cost?${AROUND}`,
  ],
  [`${CONSOLE}/deeplink.js?region=us-west-2#alarmsV2:alarm/a%20b`, "#/alarms/a%20b"],
  ["https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home#alarmsV2:alarm/a", "#/alarms/a"],
  [`${CONSOLE}/home?region=us-west-2#logsV2:logs-insights$3FqueryDetail`, `#/requests?probe=shown&${AROUND}`],
])("%s is shown here at %s", (address, href) => {
  expect(localHref(address, AT)).toBe(href);
});

test.each([
  "https://us-east-1.console.aws.amazon.com/billing/home#/bills",
  "https://console.aws.amazon.com.evil.example/cloudwatch/home#alarmsV2:alarm/a",
  "https://example.com/docs/alarms.md",
  "docs/../secret.md",
  `${CONSOLE}/home#metricsV2:graph`,
  `${CONSOLE}/home#alarmsV2:alarm/%E0%A4%A`,
])("%s leads where it says", (address) => {
  expect(localHref(address, AT)).toBeUndefined();
});

test("a description gives its links away, but for one that only AWS can follow", () => {
  const bill = "Bill: https://us-east-1.console.aws.amazon.com/billing/home#/bills";
  const description = `\nIt is dear.\n${bill}\nRunbook: docs/runbooks/estimated-charges.md\nDashboard: ${CONSOLE}/home#dashboards/dashboard/wrist-agent-dev-us-west-2-cost`;
  expect(describedAlarm(description, { timeMs: AT, stage: "dev" })).toEqual({
    text: `It is dear.\n${bill}`,
    links: [
      { label: "Runbook", href: "#/docs/runbooks%2Festimated-charges.md" },
      { label: "Dashboard cost", href: `#/dashboards/wrist-agent-dev-us-west-2-cost?${AROUND}` },
    ],
  });
});

test("a document's path in a text is followed on this page, and nowhere else", () => {
  const text = "see docs/alarms.md, or https://a.example/x.";
  expect(splitLinks(text, (address) => localHref(address, AT))).toEqual([
    { text: "see " },
    { text: "docs/alarms.md", href: "#/docs/alarms.md" },
    { text: ", or " },
    { text: "https://a.example/x", href: "https://a.example/x" },
    { text: "." },
  ]);
  expect(splitLinks("see docs/alarms.md")).toEqual([{ text: "see docs/alarms.md" }]);
});

test("a description that is wrapped for a mail is not wrapped here, but for its sentences and labels", () => {
  const description = [
    "In at least 3 minutes of the last 24 hours a tenth or more of the requests",
    "failed.",
    'First: On the on-call dashboard, count outcomes and modes in "Last refused',
    'and failed requests": one mode, one hour, one reason?',
    "For the user: nothing",
    "Threshold 3",
  ].join("\n");
  expect(describedAlarm(description, { timeMs: AT, stage: "dev" }).text.split("\n")).toEqual([
    "In at least 3 minutes of the last 24 hours a tenth or more of the requests failed.",
    'First: On the on-call dashboard, count outcomes and modes in "Last refused and failed requests": one mode, one hour, one reason?',
    "For the user: nothing",
    "Threshold 3",
  ]);
});
