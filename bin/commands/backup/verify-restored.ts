import { Failure } from "../../cli/failure.ts";
import { subscriptionStates, type TopicSubscription } from "../../cli/subscriptions.ts";
import {
  restoredSubscriptions,
  restoredTopics,
  type RestorePlace,
  type StageToRestore,
} from "./restore-plan.ts";
import type { Restore, RestoredUrlAnswer, StepResult } from "./restore-ports.ts";

/** Compares what is there now with the backup; a URL that does not answer fails the restore. */
export async function verifyRestored(restore: Restore, place: RestorePlace): Promise<StepResult> {
  const { ports, say, terminal } = restore;
  const { FunctionUrl: url } = await ports.outputs();
  if (url === undefined) throw new Failure("the application stack has no output FunctionUrl");
  const answer = await terminal.progress(`asking ${url}`, askedUrl(restore, url));
  if ("unasked" in answer) say(terminal.colours.yellow(`  the URL was not asked: ${answer.unasked}`));
  else if (answer.status !== 200)
    throw new Failure(`${url} answers ${answer.status} (${answer.error ?? "no reason"})`);
  else say(terminal.colours.green(`  the URL answers: ${answer.status} in ${answer.milliseconds} ms`));
  const subscriptions = await subscriptionsNow(restore, place);
  const missing = await missingParts(restore, place, subscriptions);
  missing.forEach((each) => say(terminal.colours.red(`  ${each}`)));
  if (missing.length === 0)
    say(terminal.colours.green("  every alarm, dashboard and address of the backup is there"));
  return { url, missing: missing.join("\n"), unconfirmed: unconfirmedAddresses(subscriptions).join("\n") };
}

const TOKEN_POLL_MS = 3_000;
const TOKEN_POLLS = 10;

/**
 * An agent that is awake takes a token that was put back just now within seconds, and refuses it until then.
 */
async function askedUrl({ ports, wait, signal }: Restore, url: string): Promise<RestoredUrlAnswer> {
  for (let poll = 1; ; poll += 1) {
    const answer = await ports.askUrl(url);
    if ("unasked" in answer || answer.status !== 401 || poll === TOKEN_POLLS) return answer;
    await wait(TOKEN_POLL_MS, signal).catch((error: unknown) => {
      throw signal.aborted ? new Failure("interrupted") : error;
    });
  }
}

async function missingParts(
  { stage, ports }: Restore,
  place: RestorePlace,
  subscriptions: readonly TopicSubscription[],
): Promise<readonly string[]> {
  const [alarms, dashboards] = [await ports.alarmNames(), await ports.dashboardNames()];
  const { manifest, alarmNames, dashboardNames } = stage;
  // A dashboard's name holds its Region.
  const renamed = dashboardNames.map((name) => name.replace(manifest.region, place.region));
  return [
    ...alarmNames.filter((name) => !alarms.includes(name)).map((name) => `the alarm ${name} is not there`),
    ...renamed
      .filter((name) => !dashboards.includes(name))
      .map((name) => `the dashboard ${name} is not there`),
    ...missingAddresses(stage, place, subscriptions),
  ];
}

function missingAddresses(
  stage: StageToRestore,
  place: RestorePlace,
  subscriptions: readonly TopicSubscription[],
): readonly string[] {
  const wanted = restoredSubscriptions(stage, place);
  return subscriptions
    .filter(({ state }) => state === "gone")
    .filter(({ topic, address }) => wanted.some((each) => each.topic === topic && each.address === address))
    .map(({ address, topic }) => `${address} does not get the mails of ${topic}`);
}

/**
 * Every topic of the stage as SNS has it: the deploy subscribes whom the settings name, and the backup need
 * not know them.
 */
async function subscriptionsNow(
  { stage, ports }: Restore,
  place: RestorePlace,
): Promise<readonly TopicSubscription[]> {
  const wanted = restoredSubscriptions(stage, place);
  const found = await Promise.all(
    restoredTopics(stage, place).map(async ({ topic, region }) => {
      const addresses = wanted.filter((each) => each.topic === topic).map(({ address }) => address);
      // Its name and Region are all that is read of it.
      const topicArn = `arn:aws:sns:${region}:${place.accountId}:${topic}`;
      return subscriptionStates({ topicArn, addresses }, await ports.subscriptions(topic, region));
    }),
  );
  return found.flat();
}

function unconfirmedAddresses(subscriptions: readonly TopicSubscription[]): readonly string[] {
  return subscriptions
    .filter(({ state }) => state === "not confirmed")
    .map(({ address, topic }) => `${address} (${topic})`);
}
