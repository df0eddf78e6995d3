import type { Template, TemplateResource } from "cw-alarm-test/template";

/** Something that is missed only when it is needed. */
interface WatchedThing {
  /** The same in two templates where it is the same thing. */
  readonly key: string;
  readonly words: string;
}

/** What a deploy would take away that nobody may notice: subscriptions, alarms, the probe, mails of the budget. */
export function removedThings(deployed: Template, next: Template): readonly string[] {
  const kept = new Set(watchedThings(next).map(({ key }) => key));
  return watchedThings(deployed)
    .filter(({ key }) => !kept.has(key))
    .map(({ words }) => words);
}

type ReadThings = (resource: TemplateResource, template: Template) => readonly WatchedThing[];

const READERS: Readonly<Record<string, ReadThings>> = {
  "AWS::SNS::Subscription": subscription,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::CloudWatch::CompositeAlarm": alarm,
  "AWS::Scheduler::Schedule": probe,
  "AWS::Budgets::Budget": budgetMails,
};

function watchedThings(template: Template): readonly WatchedThing[] {
  const things = Object.values(template.Resources ?? {}).flatMap(
    (resource) => READERS[resource.Type]?.(resource, template) ?? [],
  );
  return [...new Map(things.map((thing) => [thing.key, thing])).values()];
}

function subscription({ Properties = {} }: TemplateResource, template: Template): readonly WatchedThing[] {
  const address = textOf(Properties.Endpoint);
  const topic = topicName(Properties.TopicArn, template);
  return [{ key: `subscription ${topic} ${address}`, words: `the subscription of ${address} to ${topic}` }];
}

/** A topic is referred to by its id within the template. */
function topicName(arn: unknown, template: Template): string {
  const id = typeof arn === "object" && arn !== null && "Ref" in arn ? textOf(arn.Ref) : "";
  const name = template.Resources?.[id]?.Properties?.TopicName;
  return typeof name === "string" ? name : JSON.stringify(arn);
}

function alarm({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const name = textOf(Properties.AlarmName);
  return [{ key: `alarm ${name}`, words: `the alarm ${name}` }];
}

function probe({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const name = textOf(Properties.Name);
  return name.endsWith("-probe") ? [{ key: `probe ${name}`, words: `the probe ${name}` }] : [];
}

function budgetMails({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const addresses = [...JSON.stringify(Properties).matchAll(/"Address":"([^"]+)"/g)].map(
    ([, address = ""]) => address,
  );
  return addresses.map((address) => ({
    key: `budget ${address}`,
    words: `the budget's mails to ${address}`,
  }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
