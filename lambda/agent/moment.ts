import { zonedInstant, zonedIso, type ZoneOffset, zoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import { parseInstant, parseWallClock } from "../contract/zoned-format.ts";

/** When and where the user is. */
export interface Moment {
  readonly nowMs: number;
  /** IANA zone. */
  readonly timeZone: string;
}

/** An instant as local time with the zone's offset, to the second. */
export function spokenAt({ nowMs, timeZone }: Moment): string {
  return zonedIso(nowMs, offsetOf(timeZone));
}

/** The instant that an ISO 8601 text means; one without an offset is read on the clock of the zone. */
export function instantIn(text: string, timeZone: string): number | undefined {
  const localMs = parseWallClock(text);
  return localMs === undefined ? parseInstant(text) : zonedInstant(localMs, offsetOf(timeZone));
}

const OFFSETS = new Map<string, ZoneOffset>();

/** Reading a zone costs more than the rest of a prompt, and a user rarely changes it. */
function offsetOf(timeZone: string): ZoneOffset {
  const known = OFFSETS.get(timeZone);
  if (known !== undefined) return known;
  if (OFFSETS.size >= 16) OFFSETS.clear();
  const offset = zoneOffset(timeZone) ?? (() => 0);
  OFFSETS.set(timeZone, offset);
  return offset;
}
