import type { AlarmRow } from "../../local/server/wire.ts";

/** An alarm that is OK and tells nobody; `change` says what differs. */
export function alarmRow(alarmName: string, change: Partial<AlarmRow> = {}): AlarmRow {
  return {
    alarmName,
    description: "",
    stackName: "s",
    state: "OK",
    stateReason: "",
    sinceMs: 0,
    condition: "Sum of Errors >= 1",
    topics: [],
    history: [],
    ...change,
  };
}
