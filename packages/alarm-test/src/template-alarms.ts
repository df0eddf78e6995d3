import { basename } from "node:path";
import { type AlarmDefinition, alarmNameOf, isComposite } from "@wrist-agent/cloudwatch/alarm";
import { parseAlarmRule, ruleAlarms } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { type AlarmTest, AlarmTestError } from "./alarm-test.ts";
import type { Assembly } from "./cloud-assembly.ts";
import { compositeAlarmOf, metricAlarmOf } from "./cloudwatch-resources.ts";
import { type ResolvedResource, resolveStacks, type StackSource } from "./resolve-stacks.ts";
import { AssemblyError, loadTemplate } from "./template.ts";

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

/** Synthesises the app with settings as after `-c`, and reads the assembly. */
export type SynthesiseApp = (settings: Readonly<Record<string, string>>) => Promise<Assembly>;

/** Loads the alarms that a test is about: all of its templates, or those of the app that it names. */
export function alarmsOfTest(test: AlarmTest, synthesise: SynthesiseApp): Promise<TemplateAlarms> {
  return test.app === undefined ? templateAlarms(test) : appAlarms(test, test.app, synthesise);
}

async function appAlarms(
  test: AlarmTest,
  settings: NonNullable<AlarmTest["app"]>,
  synthesise: SynthesiseApp,
): Promise<TemplateAlarms> {
  const { stacks } = await synthesise(settings);
  const alarms = stacks.flatMap(({ resources }) =>
    resources.flatMap((resource) =>
      readAlarm(resource).map(([id, definition]) => ({ id, definition, resource })),
    ),
  );
  const named = namedAlarms(test);
  const first = alarms.find(({ id, definition }) => named.has(id) || named.has(definition.alarmName));
  const home = first?.resource ?? { accountId: "123456789012", region: "us-east-1" };
  const near = alarms.filter(({ resource }) => resource.region === home.region);
  const byLogicalId = new Map(near.map(({ id, definition }) => [id, definition.alarmName]));
  const wanted = new Set([...named].map((name) => byLogicalId.get(name) ?? name));
  const definitions = withChildren(
    near.map(({ definition }) => definition),
    wanted,
  );
  return { accountId: home.accountId, region: home.region, definitions, byLogicalId };
}

/** Alarms that a test names: the others of an app are left alone. */
function namedAlarms({ expectations, initial }: AlarmTest): ReadonlySet<string> {
  return new Set([...initial, ...expectations].flatMap((each) => ("alarm" in each ? [each.alarm] : [])));
}

/** The wanted alarms, and those that composites among them are made of or held back by. */
function withChildren(
  definitions: readonly AlarmDefinition[],
  wanted: ReadonlySet<string>,
): readonly AlarmDefinition[] {
  const names = new Set(wanted);
  for (const name of names) {
    const definition = definitions.find(({ alarmName }) => alarmName === name);
    if (definition === undefined || !isComposite(definition)) continue;
    const { alarmRule, actionsSuppressor = "" } = definition;
    for (const child of [...ruleAlarms(parseAlarmRule(alarmRule)), actionsSuppressor])
      names.add(alarmNameOf(child));
  }
  return definitions.filter(({ alarmName }) => names.has(alarmName));
}

async function templateAlarms(test: AlarmTest): Promise<TemplateAlarms> {
  const { "AWS::AccountId": accountId = "123456789012", "AWS::Region": region = "us-east-1" } =
    test.parameters;
  try {
    const sources = await Promise.all(
      test.templates.map((path) => stackSourceOf(path, { accountId, region, test })),
    );
    const stacks = resolveStacks(sources, { imports: test.imports });
    const alarms = stacks.flatMap((stack) => stack.resources.flatMap(readAlarm));
    const byLogicalId = new Map(alarms.map(([id, definition]) => [id, definition.alarmName]));
    return { accountId, region, definitions: alarms.map(([, definition]) => definition), byLogicalId };
  } catch (error) {
    if (error instanceof AssemblyError) throw new AlarmTestError({ file: test.file, line: 1 }, error.message);
    throw error;
  }
}

async function stackSourceOf(
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

function readAlarm(resource: ResolvedResource): readonly (readonly [string, AlarmDefinition])[] {
  const read = READERS.get(resource.type);
  return read === undefined ? [] : [[resource.logicalId, read(resource)]];
}
