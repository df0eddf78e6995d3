import { PROBE_FAILURES, PROBE_LIMITS, type ProbeFailure } from "../../../../lambda/contract/probe.ts";
import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmRow } from "../alarm-row.ts";
import { filled } from "../../condition/filled.ts";

const TRIES = PROBE_LIMITS.pausesMs.length + 1;

/** What to do about each way in which a run fails. */
const STEPS: Readonly<Record<ProbeFailure, string>> = {
  dns: "the name of the URL has no address. Compare it with the output `FunctionUrl` of the application stack: a URL that was made anew has another name, and the Shortcut needs it too. If it is the same, look at the AWS Health page of Lambda.",
  connection:
    "Lambda's front door refuses or cuts connections. Look at the AWS Health page; nothing to mend here.",
  tls: "no TLS session. `detail` is Node's code: a certificate's code speaks of the URL's side, so look at the AWS Health page.",
  timeout:
    "`detail` says what was waited for. `answer` means the agent: read its Latency and TimeToFirstToken; another word means the network.",
  url_forbidden:
    "Lambda lets nobody through. Both permissions of the URL must be there (`aws lambda get-policy --qualifier live`); deploy the application stack to put them back.",
  unauthorized:
    "the agent refuses the token in the parameter, so every Shortcut is refused too. Was the parameter written by hand or rotated a moment ago? The agent takes up a new token within its cache's time.",
  too_many_requests:
    "without `outcome` Lambda has no concurrency left: see throttles. With `outcome` it is Bedrock's rate or quota: see failing-now.",
  refused:
    "the agent refuses a sound question, so probe and agent are of different versions or the URL leads elsewhere. Deploy both stacks.",
  agent_failed:
    "`outcome` and `reason` say why; failing-now's runbook has a step for each. Without them the agent could not read its token, or has a bug: find `requestId` in its log.",
  function_failed:
    "Lambda itself answered: the function crashed, ran out of time or of memory, or does not start. See lambda-errors.",
  wrong_shape:
    "`detail` names the field that is missing or wrong: go back to the previous version (`npm run cli -- rollback`).",
  token_unreadable:
    "`detail` says why. `token_missing` or `token_empty`: make the parameter; the agent will refuse everybody once its cache ends. `token_denied`: the probe's role or the key; deploy the monitoring stack. `token_unavailable`: SSM is down, and so is every agent that starts now.",
  probe_broken:
    "a bug of the probe, or a token that no header can carry (`ERR_INVALID_CHAR`). Ask the agent yourself (`npm run cli -- ask`) before anything else.",
};

/** Pages when the agent does not answer its probe, or the probe is dead. */
export const PROBE_FAILING: AlarmRow = {
  key: "probe-failing",
  severity: "page",
  profile: "default",
  needs: "probe",
  happened: (config) =>
    `The probe asked the agent ${TRIES} times in a row and got no usable answer, or it has not asked at all for ${minutesJudged(config)} minutes.`,
  means: "Whoever dictates now most likely gets no answer; if the probe is dead, nobody would notice that.",
  firstStep:
    "Run the log query, or on the dashboard read failureClass and detail of the probe's last failed runs; the runbook has a line for each.",
  thenSteps: [
    "No failed run there: the probe does not run. Look for its function's errors and whether its schedule is enabled; then deploy the monitoring stack.",
    ...PROBE_FAILURES.map((failure) => `\`${failure}\`: ${STEPS[failure]}`),
  ],
  window: {
    kind: "watchdog",
    why: "A run is stamped with its start, so points lie an interval apart, give or take nothing; the minute on top is the time that a run may take and its line needs to arrive. Filled, the window never judges an older run instead.",
  },
  log: "runs",
  why: `One point is enough: a run fails only when ${TRIES} tries in it fail. Missing data is a failure, because a dead probe must not look like a good one. OK says that the window holds a run, and that it was served. A new alarm waits until the probe has had time for its first runs.`,
  rule: ({ config, metrics }) => ({
    metric: filled(metrics.probe("Failure", "Maximum", 60 * minutesJudged(config)), 1),
    threshold: 1,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    treatMissingData: "breaching",
    warmUpMinutes: 2 * config.probeMinutes + 5,
  }),
};

/** The window of the alarm: an interval, and a minute for the run and its line. */
function minutesJudged({ probeMinutes }: StageConfig): number {
  return probeMinutes + 1;
}
