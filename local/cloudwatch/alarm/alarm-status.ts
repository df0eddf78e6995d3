import type {
  AlarmDefinition,
  AlarmState,
  AlarmStatus,
  CompositeAlarmDefinition,
} from "../alarm-definition.ts";

/** Where alarms live; their ARNs and messages name both. */
export interface AlarmHome {
  readonly accountId: string;
  readonly region: string;
}

/** Tells a composite alarm from a metric alarm. */
export function isComposite(definition: AlarmDefinition): definition is CompositeAlarmDefinition {
  return "alarmRule" in definition;
}

/** The ARN of an alarm by its name. */
export function alarmArn(home: AlarmHome, alarmName: string): string {
  return `arn:aws:cloudwatch:${home.region}:${home.accountId}:alarm:${alarmName}`;
}

/** The name of an alarm that is referred to by name or ARN. */
export function alarmNameOf(reference: string): string {
  return reference.startsWith("arn:") ? reference.split(":").slice(6).join(":") : reference;
}

/** The status of an alarm that was just created. */
export function initialStatus(alarmName: string, nowMs: number): AlarmStatus {
  return {
    alarmName,
    state: "INSUFFICIENT_DATA",
    stateReason: "Unchecked: Initial alarm creation",
    stateUpdatedMs: nowMs,
    stateTransitionedMs: nowMs,
    configurationUpdatedMs: nowMs,
  };
}

const ACTIONS: Readonly<Record<AlarmState, (alarm: AlarmDefinition) => readonly string[] | undefined>> = {
  OK: (alarm) => alarm.okActions,
  ALARM: (alarm) => alarm.alarmActions,
  INSUFFICIENT_DATA: (alarm) => alarm.insufficientDataActions,
};

/** The actions that a definition has for a state, none while actions are disabled. */
export function actionsFor(definition: AlarmDefinition, state: AlarmState): readonly string[] {
  return definition.actionsEnabled === false ? [] : (ACTIONS[state](definition) ?? []);
}

/** Whether two definitions say the same, whatever the order of their members. */
export function isSameDefinition(a: AlarmDefinition, b: AlarmDefinition): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
