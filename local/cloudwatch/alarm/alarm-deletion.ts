import { AlarmError } from "./alarm-error.ts";
import type { AlarmRecord } from "./alarm-record.ts";

/**
 * Refuses a DeleteAlarms call that AWS refuses: too many names, two composites, or an alarm that a composite needs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
export function checkDeletion(names: readonly string[], records: readonly AlarmRecord[]): void {
  if (names.length > 100)
    throw new AlarmError(
      "ValidationError",
      "DeleteAlarms takes at most 100 names: delete them in several calls",
    );
  const going = records.filter((record) => names.includes(record.definition.alarmName));
  if (going.filter((record) => record.composite !== undefined).length > 1)
    throw new AlarmError(
      "ValidationError",
      "DeleteAlarms takes at most one composite alarm: delete them one by one",
    );
  const staying = records.filter((record) => !going.includes(record));
  const needed = going.find(({ definition }) =>
    staying.some((record) => isChild(definition.alarmName, record)),
  );
  if (needed !== undefined)
    throw new AlarmError(
      "ValidationError",
      `Cannot delete ${needed.arn} as there are composite alarm(s) depending on it.`,
    );
}

function isChild(alarmName: string, { composite }: AlarmRecord): boolean {
  return composite?.children.includes(alarmName) === true || composite?.suppressor === alarmName;
}
