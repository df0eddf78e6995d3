import { expect, test } from "vitest";
import { EventLog, type EventLogParts } from "../../../local/runtime/event-log.ts";

const RESOURCE = { stackName: "Watch", logicalId: "Token", properties: {}, physicalId: "one" };

/** A log that keeps custom resources; nothing else of the runtime takes part. */
function eventLog(): EventLog {
  const parts: Partial<EventLogParts> = {
    append: () => true,
    drawer: { put: () => undefined },
    changed: () => undefined,
  };
  return new EventLog(parts as EventLogParts);
}

test("a custom resource is one of its Region: a stack has the same name in another", () => {
  const log = eventLog();
  log.record({ kind: "custom-resource", atMs: 0, region: "us-west-2", ...RESOURCE });
  log.record({ kind: "custom-resource", atMs: 1, region: "eu-west-1", ...RESOURCE, physicalId: "two" });
  const place = { stackName: "Watch", logicalId: "Token" };
  expect(log.customResource({ region: "us-west-2", ...place })?.physicalId).toBe("one");
  expect(log.customResource({ region: "eu-west-1", ...place })?.physicalId).toBe("two");
  expect(log.customResource({ region: "ap-south-1", ...place })).toBeUndefined();
});

test("one that a release before wrote down, without a Region, is found again", () => {
  const log = eventLog();
  log.record({ kind: "custom-resource", atMs: 0, ...RESOURCE });
  expect(log.customResource({ region: "us-west-2", ...RESOURCE })?.physicalId).toBe("one");
});
