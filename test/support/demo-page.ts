import { demoAlarmDetail } from "./demo-alarm.ts";
import { demoDashboard } from "./demo-dashboard.ts";
import { quietState, type PageState } from "./fake-page.ts";

/** A system with something to show of everything: five alarms of which one is raised, requests, a mail. */
export function demoState(nowMs: number): PageState {
  const names = ["Failures", "Duration", "Errors", "Throttles", "Spend"];
  const quiet = quietState(nowMs);
  const raisedMs = nowMs - 4 * 60_000;
  return {
    overview: {
      ...quiet.overview,
      dashboards: ["WristAgent-development", "WristAgent-development-Cost"],
      requestColumns: [
        { field: "mode", label: "mode", role: "mode" },
        { field: "outcome", label: "outcome", role: "outcome" },
        { field: "CostUsd", label: "cost (USD)" },
        { field: "client", label: "client", role: "client" },
        { field: "probe", label: "probe", role: "synthetic", isHidden: true },
        { field: "ModelLatency", label: "model", role: "modelMs", isHidden: true },
        { field: "TimeToFirstToken", label: "first token", role: "firstTokenMs", isHidden: true },
        { field: "durationMs", label: "handler", role: "handlerMs", isHidden: true },
      ],
      notices: ["AWS::Budgets::Budget is not emulated: no bill is made on this machine"],
    },
    dashboards: [
      demoDashboard("WristAgent-development", nowMs),
      { ...demoDashboard("WristAgent-development-Cost", nowMs), widgets: [] },
    ],
    alarms: names.map((name, i) => ({
      alarmName: `WristAgent-development-${name}`,
      description: `${name} of the agent. First step: https://example.com/runbook/${name.toLowerCase()}`,
      stackName: "WristAgentMonitoring-development",
      state: i === 0 ? "ALARM" : "OK",
      stateReason:
        i === 0
          ? "Threshold Crossed: 1 datapoint [3.0 (22/11/26 18:00:00)] was greater than or equal to the threshold (3.0)."
          : "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
      sinceMs: i === 0 ? raisedMs : nowMs - (i + 40) * 60_000,
      condition: `Sum of ${name} >= 3 for 1 of 1 periods of 300 s`,
      topics: [`WristAgent-development-${i === 0 ? "page" : "ticket"}`],
      history: [
        {
          timeMs: i === 0 ? raisedMs : nowMs - (i + 40) * 60_000,
          summary: `Alarm updated from ${i === 0 ? "OK to ALARM" : "INSUFFICIENT_DATA to OK"}`,
        },
      ],
    })),
    details: {},
    alarmDetails: Object.fromEntries(
      names.map((name, i) => [
        `WristAgent-development-${name}`,
        demoAlarmDetail(`WristAgent-development-${name}`, { nowMs, ...(i === 0 && { raisedMs }) }),
      ]),
    ),
    documents: { "runbooks/failures.md": "# failures\n\n<!-- made -->\n\n1. Read the **reason**.\n" },
    requests: ["note", "event", "reminder", "research"].map((mode, i) => ({
      requestId: `0b6f1c1e-0000-4000-8000-00000000000${i}`,
      sequence: 4 - i,
      timeMs: nowMs - i * 90_000,
      method: "POST",
      path: "/",
      status: i === 1 ? 429 : 200,
      latencyMs: 640 + i * 111,
      coldStart: i === 3,
      line: { mode, outcome: i === 1 ? "throttled" : "ok", CostUsd: 0.00042 },
    })),
    mails: [
      {
        id: "mail-1",
        timeMs: raisedMs,
        from: "no-reply@sns.amazonaws.com",
        to: "you@example.com",
        subject: 'ALARM: "WristAgent-development-Failures" in US West (Oregon)',
        body: "You are receiving this email because your Amazon CloudWatch Alarm has entered the ALARM state.\n\nFirst step: https://example.com/runbook/failures",
        topicArn: "arn:aws:sns:us-west-2:123456789012:WristAgent-development",
        alarmName: "WristAgent-development-Failures",
      },
    ],
  };
}
