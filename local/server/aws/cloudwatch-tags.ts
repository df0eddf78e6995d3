import { alarmArn } from "@wrist-agent/cloudwatch/alarm";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import type { InputReader } from "./cloudwatch-input.ts";
import { insightRuleArn } from "./cloudwatch-insight-rules.ts";
import { muteRuleArn } from "./cloudwatch-mute-rules.ts";
import type { CloudWatchAccount, TagsPort } from "./cloudwatch-ports.ts";
import { AwsError } from "./service.ts";

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** A dashboard's ARN, which names no Region. */
export function dashboardArn(
  { accountId, homeRegion }: Pick<CloudWatchAccount, "accountId" | "homeRegion">,
  name: string,
): string {
  return `arn:${partitionOf(homeRegion)}:cloudwatch::${accountId}:dashboard/${name}`;
}

/** The tags of an alarm, a dashboard or a mute rule; what is not there has none. */
export function listTagsForResource({ tags }: CloudWatchAccount, read: InputReader): object {
  const held = tags.of(resourceArnIn(read));
  return { Tags: Object.entries(held).map(([Key, Value]) => ({ Key, Value })) };
}

/** Adds tags, or gives those that are there another value. */
export function tagResource(account: CloudWatchAccount, read: InputReader): object {
  const arn = existingResource(account, read);
  const given = tagsInput(read);
  if (given === undefined) throw new AwsError("MissingParameter", "The parameter Tags is required.");
  putTags(account.tags, arn, { ...account.tags.of(arn), ...given });
  return {};
}

/** Takes tags away. */
export function untagResource(account: CloudWatchAccount, read: InputReader): object {
  const arn = existingResource(account, read);
  const keys = read.required("TagKeys", read.texts("TagKeys"));
  const left = Object.entries(account.tags.of(arn)).filter(([key]) => !keys.includes(key));
  account.tags.put(arn, Object.fromEntries(left));
  return {};
}

/** Keeps the tags of a request that makes a resource; of one that is there already they are ignored. */
export function tagsOfNewResource(
  tags: TagsPort,
  { arn, isNew }: { readonly arn: string; readonly isNew: boolean },
  given: ReturnType<typeof tagsInput>,
): void {
  if (isNew && given !== undefined && Object.keys(given).length > 0) putTags(tags, arn, given);
}

/** Forgets the tags of what was deleted. */
export function forgetTags(tags: TagsPort, arns: readonly string[]): void {
  for (const arn of arns) if (Object.keys(tags.of(arn)).length > 0) tags.put(arn, {});
}

/** Reads `Tags`, so that a wrong one is refused before anything is made. */
export function tagsInput(read: InputReader): Readonly<Record<string, string>> | undefined {
  const given = read.objects("Tags");
  if (given === undefined) return undefined;
  const tags = given.map((tag): [string, string] => [
    tag.required("Key", tag.text("Key")),
    tag.required("Value", tag.text("Value")),
  ]);
  tags.forEach(([key, value], index) => checkTag(key, value, index + 1));
  const keys = tags.map(([key]) => key);
  const repeated = keys.find((key, at) => keys.indexOf(key) < at);
  if (repeated !== undefined)
    throw new AwsError("InvalidParameterValue", `Duplicate tag keys found: ${repeated}`);
  checkCount(keys.length);
  return Object.fromEntries(tags);
}

function checkTag(key: string, value: string, place: number): void {
  const length = (member: string, bound: string): AwsError =>
    new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${member === "key" ? key : value}' at 'tags.${place}.member.${member}' failed to satisfy constraint: Member must have length ${bound}`,
    );
  if (key === "") throw length("key", "greater than or equal to 1");
  if (key.length > MAX_KEY_LENGTH) throw length("key", `less than or equal to ${MAX_KEY_LENGTH}`);
  if (value.length > MAX_VALUE_LENGTH) throw length("value", `less than or equal to ${MAX_VALUE_LENGTH}`);
  if (/^aws:/i.test(key))
    throw new AwsError(
      "InvalidParameterValue",
      "aws: prefixed tag key names are not allowed for external use.",
    );
}

function putTags(tags: TagsPort, arn: string, all: Readonly<Record<string, string>>): void {
  checkCount(Object.keys(all).length);
  tags.put(arn, all);
}

function checkCount(count: number): void {
  if (count > MAX_TAGS)
    throw new AwsError("InvalidParameterValue", `a resource has ${MAX_TAGS} tags at most, not ${count}`);
}

function resourceArnIn(read: InputReader): string {
  const arn = read.required("ResourceARN", read.text("ResourceARN"));
  if (
    /^arn:[^:]+:cloudwatch:[^:]*:\d{12}:(?:alarm:.+|alarm-mute-rule:.+|dashboard\/.+|insight-rule\/.+)$/s.test(
      arn,
    )
  )
    return arn;
  throw new AwsError("InvalidParameterValue", `Invalid ARN: ${arn}`);
}

function existingResource(account: CloudWatchAccount, read: InputReader): string {
  const arn = resourceArnIn(read);
  if (
    isAlarmOf(account, arn) ||
    isDashboardOf(account, arn) ||
    isMuteRuleOf(account, arn) ||
    isInsightRuleOf(account, arn)
  )
    return arn;
  throw new AwsError("ResourceNotFoundException", `Resource ${arn} does not exist`, 404);
}

function isAlarmOf({ accountId, regions }: CloudWatchAccount, arn: string): boolean {
  const [, , , region = "", , , ...name] = arn.split(":");
  const alarmName = name.join(":");
  const alarms = Object.hasOwn(regions, region) ? regions[region]?.alarms : undefined;
  return alarms?.has(alarmName) === true && alarmArn({ region, accountId }, alarmName) === arn;
}

function isMuteRuleOf({ accountId, regions }: CloudWatchAccount, arn: string): boolean {
  return Object.entries(regions).some(([region, { alarms }]) =>
    alarms.muteRules().some(({ name }) => muteRuleArn({ region, accountId }, name) === arn),
  );
}

function isInsightRuleOf({ accountId, regions }: CloudWatchAccount, arn: string): boolean {
  return Object.entries(regions).some(([region, { insights }]) =>
    insights.rules.list().some(({ name }) => insightRuleArn({ region, accountId }, name) === arn),
  );
}

function isDashboardOf(account: CloudWatchAccount, arn: string): boolean {
  return account.dashboards.list().some(({ name }) => dashboardArn(account, name) === arn);
}
