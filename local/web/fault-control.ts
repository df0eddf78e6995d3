import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import { FAULT_KINDS, type Overview, PARAMETER_FAULTS } from "../server/wire.ts";
import { quantityText } from "./format/quantity.ts";
import { durationText } from "./format/time.ts";
import { postApi } from "./state/live.ts";

interface FaultProps {
  readonly overview: Overview;
  readonly nowMs: number;
}

/** What each fault of the stand-ins looks like to the agent. */
const FAULT_LABELS: Readonly<Record<(typeof FAULT_KINDS)[number], string>> = {
  throttle: "throttle: Bedrock refuses for now",
  slow: "slow: no answer in time",
  error: "error: Bedrock fails",
  access: "access: no access to the model",
  garbage: "garbage: a reply that is no JSON",
  form: "form: structured output is refused",
  quota: "quota: the day's tokens are used up",
  overloaded: "overloaded: busy for a moment",
  hang: "hang: the stream falls silent half way",
  trickle: "trickle: the stream never ends",
  "cut-before": "cut-before: the stream ends before the answer",
  cut: "cut: the stream ends in the answer",
  "cut-after": "cut-after: the stream ends before its usage",
  "no-usage": "no-usage: tokens are not counted",
  "bad-times": "bad-times: times that are none",
  refusal: "refusal: the model refuses the text",
  "parameter-slow": "parameter-slow: SSM answers too late",
  "parameter-throttled": "parameter-throttled: SSM throttles",
  "parameter-missing": "parameter-missing: the token's parameter is gone",
  off: "off",
};

const TIMERS = [0, 5, 15, 60] as const;

/** Makes the model's stand-in misbehave, from every section; closed until somebody opens it. */
function FaultControl({ overview }: Pick<FaultProps, "overview">): ComponentChild {
  const [problem, setProblem] = useState("");
  if (overview.model !== "scripted") return null;
  const submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    postApi("/api/fault", faultOf(new FormData(form))).then(
      () => {
        setProblem("");
        form.closest("details")?.removeAttribute("open");
      },
      (cause: unknown) => setProblem((cause as Error).message),
    );
  };
  return h("details", { class: "fault-control popover" }, [
    h("summary", null, "Faults"),
    h("form", { onSubmit: submit, class: "fault" }, [
      h(FaultFields, { modes: overview.askModes }),
      h("button", { type: "submit" }, "Start fault"),
      h("p", { role: "status" }, problem),
    ]),
  ]);
}

/** What the server takes, of a form that was sent; a field that is disabled sends nothing. */
function faultOf(data: FormData): object {
  const minutes = Number(data.get("minutes"));
  const rate = Number(data.get("percent")) / 100;
  const mode = data.get("mode") ?? "";
  return { kind: data.get("kind"), rate, ...(mode !== "" && { mode }), ...(minutes > 0 && { minutes }) };
}

function isParameterFault(kind: string): boolean {
  return PARAMETER_FAULTS.some((known) => known === kind);
}

function FaultFields({ modes }: { readonly modes: readonly string[] }): ComponentChild {
  const [kind, setKind] = useState<string>(FAULT_KINDS[0]);
  const option = (value: string | number, label: string): ComponentChild =>
    h("option", { key: value, value }, label);
  const choose = (event: Event): void => setKind((event.target as HTMLSelectElement).value);
  const kinds = FAULT_KINDS.filter((one) => one !== "off").map((one) => option(one, FAULT_LABELS[one]));
  // Readings of parameters have no mode.
  const mode = { name: "mode", disabled: isParameterFault(kind) };
  const modeOptions = [option("", "every mode"), ...modes.map((one) => option(one, one))];
  const ends = TIMERS.map((minutes) =>
    option(minutes, minutes === 0 ? "when I end it" : `after ${minutes} min`),
  );
  const percent = { type: "number", name: "percent", min: 0, max: 100, step: "any", defaultValue: 100 };
  return [
    h("label", null, [
      "Fault of the stand-in ",
      h("select", { name: "kind", value: kind, onChange: choose }, kinds),
    ]),
    modes.length === 0 ? null : h("label", null, ["Mode ", h("select", mode, modeOptions)]),
    h("label", null, ["Share of requests, % ", h("input", { ...percent, required: true })]),
    h("label", null, ["Ends ", h("select", { name: "minutes" }, ends)]),
  ];
}

/** What answers, the fault that is on with a way to end it, and the way to start one. */
export function Banners({ overview, nowMs }: FaultProps): ComponentChild {
  const [problem, setProblem] = useState("");
  if (overview.model !== "scripted") return null;
  const { kind, rate, mode, untilMs } = overview.fault;
  const end = (): void => {
    postApi("/api/fault", { kind: "off", rate: 1 }).then(
      () => setProblem(""),
      (cause: unknown) => setProblem(` ${(cause as Error).message}`),
    );
  };
  const until =
    untilMs === undefined ? "" : `, ends in ${durationText(untilMs - nowMs) ?? "less than a minute"}`;
  return h("div", { class: "banners" }, [
    h("p", { class: "banner" }, "Answers come from a stand-in, not from a model."),
    kind === "off"
      ? null
      : h("p", { class: "banner fault-active", role: "status" }, [
          `Fault active: ${kind} on ${quantityText(100 * rate, "percent")} of requests${mode === undefined ? "" : ` for ${mode}`}${until}. `,
          h("button", { type: "button", onClick: end }, "End fault"),
          problem,
        ]),
    h(FaultControl, { overview }),
  ]);
}
