import { useEffect, useRef, useState } from "preact/hooks";
import type { AlarmDetail } from "../../server/wire.ts";
import { refreshGapMs, requireSpan } from "./dashboard-reader.ts";
import { readApi } from "./live.ts";

/** An opened alarm on its way. */
export interface LoadedAlarm {
  /** The one of before while another span is on its way. */
  readonly detail?: AlarmDetail;
  readonly error?: string;
}

/** Everything of an alarm, read again when `changes` counts on; over its own range when none is given. */
export function useAlarm(alarmName: string, rangeSeconds: number | undefined, changes: number): LoadedAlarm {
  const [loaded, setLoaded] = useState<LoadedAlarm>({});
  const read = useRef({ key: "", atMs: 0, gapMs: 0 });
  const key = `${alarmName} ${rangeSeconds ?? ""}`;
  useEffect(() => {
    let isCurrent = true;
    const isNew = read.current.key !== key;
    const load = async (): Promise<void> => {
      read.current = { ...read.current, key, atMs: performance.now() };
      const range = rangeSeconds === undefined ? "" : `&range=${rangeSeconds}`;
      try {
        const detail = await readApi("/api/alarm", `?name=${encodeURIComponent(alarmName)}${range}`);
        requireSpan(detail);
        read.current.gapMs = refreshGapMs((detail.endMs - detail.startMs) / 1000);
        if (isCurrent) setLoaded({ detail });
      } catch (cause) {
        // Without a connection the last view stays: the top of the page says that it is old.
        if (isCurrent && !(cause instanceof TypeError)) setLoaded({ error: (cause as Error).message });
      }
    };
    const waitMs = isNew ? 0 : read.current.atMs + read.current.gapMs - performance.now();
    const timer = setTimeout(() => void load(), Math.max(0, waitMs));
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key, changes]);
  return loaded;
}
