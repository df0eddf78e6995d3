import { expect } from "vitest";
import type { ActionsSuppressedBy, AlarmState } from "@wrist-agent/cloudwatch/alarm";
import vectors from "../../../fixtures/aws/alarm-vectors.json" with { type: "json" };
import { alarm, Scenario, START_MS } from "../alarms/scenario.ts";
import type { Case } from "./metric-alarm-vectors.ts";

const OPS = "arn:aws:sns:us-east-1:123456789012:ops";
/** A unit of the guide's timelines is a minute here; t0 comes after the first states have settled. */
const UNIT_MS = 60_000;
const T0_MS = START_MS + 10 * UNIT_MS;
const LAST_UNIT = 14;

/** What was true of the composite alarm at each unit of time. */
interface Moment {
  readonly suppressedBy: ActionsSuppressedBy | undefined;
  /** The states whose actions ran. */
  readonly ran: readonly AlarmState[];
}

function suppressed(): Scenario {
  const child = alarm({ treatMissingData: "ignore" });
  const scenario = new Scenario().put(child, { ...child, alarmName: "suppressor" });
  scenario.put({
    alarmName: "composite",
    alarmRule: "ALARM(errors)",
    okActions: [OPS],
    alarmActions: [OPS],
    actionsSuppressor: "suppressor",
    actionsSuppressorWaitPeriodSeconds: 2 * (UNIT_MS / 1000),
    actionsSuppressorExtensionPeriodSeconds: 3 * (UNIT_MS / 1000),
  });
  for (const name of ["errors", "suppressor"])
    scenario.alarms.setState(name, { state: "OK", reason: "" }, START_MS);
  scenario.run(9);
  return scenario;
}

/** Plays `["t2", "composite OK->ALARM"]`; the composite follows its one child. */
function play(events: readonly (readonly string[])[]): readonly Moment[] {
  const scenario = suppressed();
  return Array.from({ length: LAST_UNIT }, (_, unit) => {
    const nowMs = T0_MS + unit * UNIT_MS;
    const changes = events
      .filter(([time]) => time === `t${unit}`)
      .flatMap(([, text = ""]) => {
        const [, who, state] = /^(composite|suppressor) \w+->(\w+)$/.exec(text) ?? [];
        const name = who === "composite" ? "errors" : "suppressor";
        return scenario.alarms.setState(name, { state: state as AlarmState, reason: "" }, nowMs);
      });
    const all = [...changes, ...scenario.alarms.evaluate(nowMs)];
    const ran = all.filter((change) => change.actions.length > 0).map((change) => change.current.state);
    return { suppressedBy: scenario.status("composite").actionsSuppressedBy, ran };
  });
}

function suppressorIn(text: string): ActionsSuppressedBy {
  if (text.includes("suppressed by alarm")) return "Alarm";
  return text.includes("ExtensionPeriod") ? "ExtensionPeriod" : "WaitPeriod";
}

/** Checks one line of a timeline; gives the unit at which it says that actions run. */
function checkLine(moments: readonly Moment[], text: string): number | undefined {
  const first = Number(/^t(\d+)/.exec(text)?.[1]);
  const [, state] = /actions(?: for (\w+))? run$/.exec(text) ?? [];
  if (text.endsWith("run")) {
    expect(moments[first]?.ran, text).toEqual([state ?? "ALARM"]);
    return first;
  }
  const [, from, to] = /t(\d+)\.\.t(\d+)/.exec(text) ?? [];
  for (let unit = Number(from ?? first); unit < Number(to ?? first + 1); unit += 1)
    expect(moments[unit], `${text}, at t${unit}`).toEqual({ suppressedBy: suppressorIn(text), ran: [] });
  return undefined;
}

/** The guide's timelines of WaitPeriod and ExtensionPeriod. */
export const suppressionCases: readonly Case[] = vectors.compositeSuppression.map((vector) => ({
  name: `${vector.id}: ${vector.expect.join("; ")}`,
  check: () => {
    const moments = play(vector.events);
    const running = vector.expect.flatMap((text) => checkLine(moments, text) ?? []);
    expect(moments.flatMap(({ ran }, unit) => ran.map(() => unit))).toEqual(running);
  },
}));

interface SyntaxVector {
  readonly alarmRule: string;
  readonly accepted: boolean;
  readonly error?: string;
}

/** Rules that AWS took or refused, in its words where they were recorded. */
export const syntaxCases: readonly Case[] = (vectors.compositeRuleSyntax as readonly SyntaxVector[]).map(
  ({ alarmRule, accepted, error = "" }) => ({
    name: `${alarmRule} is ${accepted ? "accepted" : "refused"}`,
    check: () => {
      const put = () =>
        new Scenario().put(alarm({ alarmName: "existing-name" }), { alarmName: "both", alarmRule });
      if (accepted) expect(put).not.toThrow();
      else expect(put).toThrow(expect.objectContaining(refusal(error)));
    },
  }),
);

function refusal(error: string): object {
  return error.startsWith("ValidationError: ")
    ? { code: "ValidationError", message: error.replace("ValidationError: ", "") }
    : { message: expect.stringContaining("in the alarm rule do not exist") as string };
}
