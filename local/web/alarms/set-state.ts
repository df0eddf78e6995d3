import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { AlarmDetail, AlarmRow } from "../../server/wire.ts";
import { postApi } from "../state/live.ts";

interface SetStateProps {
  readonly alarm: AlarmRow;
  readonly actions: AlarmDetail["actions"];
}

const STATES = ["ALARM", "OK", "INSUFFICIENT_DATA"] as const;

/** Sets the state of an alarm to see that its mail arrives; asks first, and says what will happen. */
export function SetState({ alarm, actions }: SetStateProps): ComponentChild {
  const [isAsking, setAsking] = useState(false);
  const [state, setState] = useState<(typeof STATES)[number]>(alarm.state === "ALARM" ? "OK" : "ALARM");
  const [said, setSaid] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    postApi("/api/alarm-state", { alarmName: alarm.alarmName, state, reason: data.get("reason") }).then(
      () => {
        setAsking(false);
        setSaid("Set.");
      },
      (cause: unknown) => setSaid((cause as Error).message),
    );
  };
  if (!isAsking)
    return h("p", { class: "set-state" }, [
      h("button", { type: "button", onClick: () => setAsking(true) }, "Set state for a drill…"),
      h("span", { role: "status", class: "hint" }, said),
    ]);
  const choose = (event: Event): void =>
    setState((event.target as HTMLSelectElement).value as (typeof STATES)[number]);
  return h("form", { class: "set-state", onSubmit: submit }, [
    h("label", null, [
      "State ",
      h(
        "select",
        { value: state, onChange: choose },
        STATES.map((one) => h("option", { key: one, value: one }, one.replace("_", " "))),
      ),
    ]),
    h("label", null, [
      "Reason ",
      h("input", { name: "reason", defaultValue: "Drill", required: true, maxLength: 1023 }),
    ]),
    h("p", null, settingWords(alarm, actions, state)),
    h("p", { class: "set-state-buttons" }, [
      h("button", { type: "submit", class: "primary" }, "Set the state"),
      h("button", { type: "button", onClick: () => setAsking(false) }, "Cancel"),
    ]),
    h("p", { role: "status" }, said),
  ]);
}

/** What setting a state does. */
function settingWords(
  { state: before, suppression, notifiedBy }: AlarmRow,
  actions: AlarmDetail["actions"],
  state: (typeof STATES)[number],
): string {
  const until = "The next evaluation sets it by its data again, within a minute or two.";
  if (state === before) return `It is ${state.replace("_", " ")} already: nothing happens.`;
  const targets = actions.find((one) => one.state === state)?.targets ?? [];
  if (notifiedBy !== undefined) return `Its own actions are disabled: no mail of its own. ${until}`;
  if (suppression !== undefined) return `Its actions are ${suppression}. ${until}`;
  if (targets.length === 0) return `It has no action for this state: no mail. ${until}`;
  return `Its actions run as in earnest, for ${targets.join(", ")}. ${until}`;
}
