import { basename } from "node:path";
import { AssemblyError } from "../../assembly/assembly-error.ts";
import { compositeAlarmOf } from "../../assembly/composite-alarm.ts";
import { loadTemplate } from "../../assembly/load-template.ts";
import { metricAlarmOf } from "../../assembly/metric-alarm.ts";
import { type ResolvedResource, resolveStacks, type StackSource } from "../../assembly/resolve-stacks.ts";
import type { AlarmDefinition } from "../../cloudwatch/alarm-definition.ts";
import type { AlarmTest } from "./alarm-test.ts";
import { AlarmTestError } from "./alarm-test-error.ts";

/** The alarms of a test's templates, and where they live. */
export interface TemplateAlarms {
  readonly accountId: string;
  readonly region: string;
  readonly definitions: readonly AlarmDefinition[];
  /** Alarm names by logical id. */
  readonly byLogicalId: ReadonlyMap<string, string>;
}

type AlarmReader = (resource: ResolvedResource) => AlarmDefinition;

const READERS = new Map<string, AlarmReader>([
  ["AWS::CloudWatch::Alarm", metricAlarmOf],
  ["AWS::CloudWatch::CompositeAlarm", compositeAlarmOf],
]);

/** Loads every alarm of the templates that a test names. */
export async function templateAlarms(test: AlarmTest): Promise<TemplateAlarms> {
  const { "AWS::AccountId": accountId = "123456789012", "AWS::Region": region = "us-east-1" } =
    test.parameters;
  try {
    const sources = await Promise.all(
      test.templates.map((path) => source(path, { accountId, region, test })),
    );
    const stacks = resolveStacks(sources, { imports: test.imports });
    const alarms = stacks.flatMap((stack) => stack.resources.flatMap(alarmOf));
    const byLogicalId = new Map(alarms.map(([id, definition]) => [id, definition.alarmName]));
    return { accountId, region, definitions: alarms.map(([, definition]) => definition), byLogicalId };
  } catch (error) {
    if (error instanceof AssemblyError) throw new AlarmTestError({ file: test.file, line: 1 }, error.message);
    throw error;
  }
}

async function source(
  path: string,
  {
    accountId,
    region,
    test,
  }: { readonly accountId: string; readonly region: string; readonly test: AlarmTest },
): Promise<StackSource> {
  const { "AWS::StackName": stackName = basename(path).replace(/\..*$/, "") } = test.parameters;
  return { stackName, accountId, region, template: await loadTemplate(path), parameters: test.parameters };
}

function alarmOf(resource: ResolvedResource): readonly (readonly [string, AlarmDefinition])[] {
  const read = READERS.get(resource.type);
  return read === undefined ? [] : [[resource.logicalId, read(resource)]];
}
