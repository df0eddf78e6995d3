import { Command, InvalidArgumentError } from "commander";
import { confirmDeployedChange } from "../cli/target.ts";
import { errorMessage, Failure } from "../cli/failure.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import type { StackTopic, SubscriptionState } from "../cli/subscriptions.ts";
import { tableLines } from "../cli/table.ts";
import { askAtTerminal, type AskOperator, type Terminal } from "../cli/terminal.ts";
import {
  listText,
  readRemembered,
  readStageTopics,
  rememberAddresses,
  rememberedAddresses,
  type RememberedSettings,
  subscribe,
  type SubscriberList,
  subscriberList,
  unsubscribe,
} from "./stage-subscribers.ts";

interface ChangeOptions extends StageOptions {
  readonly yes?: true;
}

const JSON_HELP = "print what is so afterwards as JSON";

const EXAMPLES = `
Examples:
  npm run cli -- subscribers
  npm run cli -- subscribers add ann@example.com --stage production
  npm run cli -- subscribers resend`;

/** `subscribers`: who gets the mails of a stage, and whether the settings know. */
export function subscribersCommand(
  terminal: Terminal,
  ask: AskOperator | undefined = askAtTerminal(),
): Command {
  const command = new Command("subscribers")
    .description("who gets the mails of a stage: list them, add or remove one, ask again for a confirmation")
    .addHelpText("after", EXAMPLES);
  const add = (name: string, description: string): Command => {
    const sub = addStageOptions(new Command(name), JSON_HELP).description(description);
    command.addCommand(sub, { isDefault: name === "list" });
    return sub;
  };
  const changed = (sub: Command): Command =>
    sub.option("--yes", "do not ask before a deployed stage is changed");
  const run =
    (change: Change) =>
    async (first: unknown, second?: unknown): Promise<void> => {
      const address = typeof first === "string" ? first : undefined;
      const options = (typeof first === "object" && first !== null ? first : second) as ChangeOptions;
      await onStage(terminal, options, { ask, change, ...(address !== undefined && { address }) });
    };
  add("list", "everybody who gets mail, or should: confirmed, not confirmed, gone").action(
    run(() => Promise.resolve([])),
  );
  changed(add("add", "subscribe an address to every topic, and have later deploys know it"))
    .argument("<address>", "mail address", parseAddress)
    .action(run(addAddress));
  changed(
    add(
      "resend",
      "send a new confirmation mail where one is pending, and subscribe again what expired or was unsubscribed",
    ),
  )
    .argument("[address]", "this one alone (default: everybody in the settings)", parseAddress)
    .action(run(resend));
  changed(add("remove", "unsubscribe an address from every topic, and have later deploys forget it"))
    .argument("<address>", "mail address", parseAddress)
    .action(run(removeAddress));
  return command;
}

function parseAddress(text: string): string {
  if (!/^[^@\s,]+@[^@\s,]+\.[^@\s,]+$/.test(text)) throw new InvalidArgumentError("give one mail address.");
  return text;
}

/** What a change works with. */
interface Subscribers {
  readonly stage: StageConnection;
  readonly topics: readonly StackTopic[];
  readonly remembered: RememberedSettings;
  readonly list: SubscriberList;
  readonly confirm: (change: string) => Promise<void>;
}

/** Does it, and says what was done, a line each. */
type Change = (subscribers: Subscribers, address: string | undefined) => Promise<readonly string[]>;

interface Asked {
  readonly ask: AskOperator | undefined;
  readonly change: Change;
  readonly address?: string;
}

async function onStage(
  terminal: Terminal,
  options: ChangeOptions,
  { ask, change, address }: Asked,
): Promise<void> {
  const stage = await connectStage(terminal, options);
  try {
    const before = await terminal.progress("reading the subscriptions", readSubscribers(stage));
    const confirm = (text: string): Promise<void> =>
      confirmDeployedChange({ target: stage.target, change: text, yes: options.yes }, ask);
    const did = await change({ ...before, stage, confirm }, address);
    const after = did.length === 0 ? before : await readSubscribers(stage);
    if (options.json === true)
      terminal.out(JSON.stringify({ stage: stage.target.stage, did, ...after.list }, null, 2));
    else [...did, ...listLines(terminal, after.list)].forEach(terminal.out);
  } finally {
    stage.close();
  }
}

async function readSubscribers(stage: StageConnection): Promise<Omit<Subscribers, "stage" | "confirm">> {
  const [topics, remembered] = await Promise.all([readStageTopics(stage), readRemembered(stage)]);
  return { topics, remembered, list: subscriberList(topics, rememberedAddresses(remembered)) };
}

const PAINT = {
  confirmed: "green",
  "not confirmed": "yellow",
  gone: "red",
} as const satisfies Readonly<Record<SubscriptionState, string>>;

function listLines(terminal: Terminal, { subscribers, drift }: SubscriberList): readonly string[] {
  const { colours, columns } = terminal;
  if (subscribers.length === 0)
    return [colours.red("nobody gets any mail: subscribers add ADDRESS subscribes somebody")];
  const rows = tableLines(
    {
      paintHead: colours.dim,
      columns: [
        { head: "TOPIC", cell: ({ topic }) => topic },
        { head: "ADDRESS", cell: ({ address }) => address },
        {
          head: "STATE",
          cell: ({ state }) => state,
          paint: (text, { state }) => colours[PAINT[state]](text),
        },
        { head: "IN THE SETTINGS", cell: ({ isInSettings }) => (isInSettings ? "yes" : "no") },
        { head: "REGION", cell: ({ region }) => region },
      ],
    },
    subscribers,
    columns,
  );
  return [...rows, ...drift.map((text) => colours.red(text))];
}

/** Does one thing for each topic; where one fails, says what was done before. */
async function forTopics(
  topics: readonly StackTopic[],
  done: string,
  act: (topic: StackTopic) => Promise<void>,
): Promise<void> {
  const finished: string[] = [];
  for (const topic of topics)
    try {
      await act(topic);
      finished.push(topic.name);
    } catch (error) {
      const before = finished.length === 0 ? "nothing was changed" : `${done} ${listText(finished)} before`;
      throw new Failure(
        `${errorMessage(error)}; ${before}, and the settings are as they were: run it again`,
        {
          cause: error,
        },
      );
    }
}

async function addAddress(
  { stage, topics, list, remembered, confirm }: Subscribers,
  address = "",
): Promise<readonly string[]> {
  const missing = topics.filter(
    ({ listed }) => !listed.some((each) => each.address === address && isActive(each.arn)),
  );
  await confirm(`subscribe ${address} to ${topicCount(missing)}, and have later deploys know it`);
  await forTopics(missing, "subscribed to", (topic) => subscribe(stage, topic, address));
  const settings = await changedSettings({ stage, remembered, list }, [
    ...new Set([...list.settings, address]),
  ]);
  const asked = `${address} is asked to confirm ${missing.length} mails, "AWS Notification - Subscription Confirmation", within two days`;
  return [
    ...(missing.length === 0 ? [`${address} is subscribed to every topic already`] : [asked]),
    ...settings,
  ];
}

/** Pending ones get no mail yet, but need no second asking at once; `Deleted` ones are gone. */
function isActive(arn: string): boolean {
  return arn.startsWith("arn:");
}

async function resend(
  { stage, topics, list, confirm }: Subscribers,
  only: string | undefined,
): Promise<readonly string[]> {
  const wanted = only === undefined ? list.settings : [only];
  if (only !== undefined && !list.subscribers.some(({ address }) => address === only))
    throw new Failure(`${only} was never subscribed: subscribers add ${only} does that`);
  const pairs = topics.flatMap((topic) =>
    wanted
      .filter((address) => !topic.listed.some((each) => each.address === address && isActive(each.arn)))
      .map((address) => ({ topic, address })),
  );
  if (pairs.length === 0) return ["everybody has confirmed: nothing was sent"];
  const addresses = [...new Set(pairs.map(({ address }) => address))];
  await confirm(`send ${pairs.length} mails that ask ${listText(addresses)} to confirm`);
  for (const address of addresses) {
    const own = pairs.filter((pair) => pair.address === address).map(({ topic }) => topic);
    await forTopics(own, `${address} was asked for`, (topic) => subscribe(stage, topic, address));
  }
  return [`${listText(addresses)}: ${pairs.length} mails ask for a confirmation, within two days`];
}

async function removeAddress(
  { stage, topics, list, remembered, confirm }: Subscribers,
  address = "",
): Promise<readonly string[]> {
  if (
    !list.subscribers.some((each) => each.address === address && (each.state !== "gone" || each.isInSettings))
  )
    throw new Failure(`${address} gets no mail of this stage: subscribers lists who does`);
  const others = list.subscribers.filter((each) => each.address !== address && each.state === "confirmed");
  if (others.length === 0)
    throw new Failure(
      `${address} is not removed: nobody else has confirmed, and the stage's alarms would reach nobody; add another one first`,
    );
  const arnsOf = ({ listed }: StackTopic): readonly string[] =>
    listed.filter((each) => each.address === address && isActive(each.arn)).map(({ arn }) => arn);
  const subscribed = topics.filter((topic) => arnsOf(topic).length > 0);
  await confirm(`unsubscribe ${address} from ${topicCount(subscribed)}, and have later deploys forget it`);
  await forTopics(subscribed, "unsubscribed from", async (topic) => {
    for (const arn of arnsOf(topic)) await unsubscribe(stage, topic, arn);
  });
  const pending = topics.filter(({ listed }) =>
    listed.some((each) => each.address === address && !isActive(each.arn)),
  );
  const settings = await changedSettings(
    { stage, remembered, list },
    list.settings.filter((each) => each !== address),
  );
  return [
    `${address} is unsubscribed from ${topicCount(subscribed)}`,
    ...(pending.length === 0
      ? []
      : [
          `on ${topicCount(pending)} it has not confirmed: SNS forgets that by itself two days after it was asked`,
        ]),
    ...settings,
  ];
}

function topicCount(topics: readonly StackTopic[]): string {
  return topics.length === 1 ? (topics[0]?.name ?? "") : `${topics.length} topics`;
}

/** Writes the addresses where later deploys look, or says what a deploy has to be given. */
async function changedSettings(
  { stage, remembered, list }: Pick<Subscribers, "stage" | "remembered" | "list">,
  addresses: readonly string[],
): Promise<readonly string[]> {
  if (addresses.join() === list.settings.join()) return [];
  const given = `npm run deploy -- --stage ${stage.target.stage} -c alarmEmail=${addresses.join(",")}`;
  if (remembered.size === 0)
    return [
      `the stage's settings are in no parameter yet, so the next deploy does not know it: give it once with ${given}`,
    ];
  try {
    await rememberAddresses(stage, remembered, addresses);
  } catch (error) {
    throw new Failure(
      `${errorMessage(error)}; the subscriptions are changed, the settings are not: run it again, or deploy with ${given}`,
      { cause: error },
    );
  }
  return [`later deploys subscribe ${listText(addresses)}; the budget's mails follow with the next deploy`];
}
