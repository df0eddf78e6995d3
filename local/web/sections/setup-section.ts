import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import { FAULT_KINDS, type Overview } from "../../server/wire.ts";
import { clockTime, Timestamp } from "../format/time.ts";

interface SetupProps {
  readonly overview: Overview;
  readonly nowMs: number;
}

/** Addresses, a line to copy, functions and schedules, the stand-in's faults, and what is not emulated. */
export function SetupSection({ overview, nowMs }: SetupProps): ComponentChild {
  return h("div", { class: "cards" }, [
    h(AddressesCard, { overview, nowMs }),
    h(CurlCard, { overview }),
    h(FunctionsCard, { overview, nowMs }),
    overview.model === "scripted" ? h(FaultCard, { overview }) : null,
    h("section", { class: "card" }, [
      h("h3", null, "Not emulated here"),
      overview.notices.length === 0
        ? h("p", { class: "hint" }, "Nothing in the templates is left out.")
        : h(
            "ul",
            null,
            overview.notices.map((notice) => h("li", { key: notice }, notice)),
          ),
    ]),
  ]);
}

function AddressesCard({ overview, nowMs }: SetupProps): ComponentChild {
  const rows: readonly (readonly [string, ComponentChild])[] = [
    ["Stage", `${overview.stage} in ${overview.region}`],
    ["Started", h(Timestamp, { timeMs: overview.startedMs, nowMs })],
    ["Function URL", h("code", null, overview.functionUrl)],
    ["AWS APIs", h("code", null, overview.awsEndpoint)],
    ["Times", `in your zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}`],
  ];
  return h("section", { class: "card" }, [
    h("h3", null, "This system"),
    h(
      "dl",
      null,
      rows.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
  ]);
}

function FunctionsCard({ overview: { functions, schedules }, nowMs }: SetupProps): ComponentChild {
  return h("section", { class: "card" }, [
    h("h3", null, "Functions"),
    h(
      "ul",
      null,
      functions.map((name) => h("li", { key: name }, h("code", null, name))),
    ),
    schedules.length === 0 ? null : h("h3", null, "Schedules"),
    h(
      "dl",
      null,
      schedules.map(({ name, functionName, expression, nextMs }) => [
        h("dt", null, name),
        h("dd", null, [
          h("code", null, expression),
          ` runs ${functionName}, ${nextMs === null ? "not any more" : `next at ${clockTime(nextMs, nowMs)}`}`,
        ]),
      ]),
    ),
  ]);
}

function CurlCard({ overview }: { readonly overview: Overview }): ComponentChild {
  const [said, setSaid] = useState("");
  const line = curlLine(overview);
  const copy = (): void => {
    navigator.clipboard.writeText(line).then(
      () => setSaid("Copied."),
      () => setSaid("The browser refused: select the text and copy it."),
    );
  };
  return h("section", { class: "card" }, [
    h("h3", null, "Ask by curl"),
    h("p", { class: "hint" }, "The first line puts the token into a variable; the page never shows it."),
    h("pre", { class: "copy", tabIndex: 0 }, line),
    h("p", null, [
      h("button", { type: "button", onClick: copy }, "Copy"),
      " ",
      h("span", { role: "status" }, said),
    ]),
  ]);
}

function FaultCard({ overview }: { readonly overview: Overview }): ComponentChild {
  const [kind, setKind] = useState<string>("throttle");
  const [percent, setPercent] = useState(100);
  const [problem, setProblem] = useState("");
  const post = (fault: { readonly kind: string; readonly rate: number }): void => {
    postFault(fault).then(setProblem, () => setProblem("The server does not answer."));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    post({ kind, rate: percent / 100 });
  };
  const options = FAULT_KINDS.filter((one) => one !== "off").map((one) =>
    h("option", { key: one, value: one }, one),
  );
  return h("section", { class: "card" }, [
    h("h3", null, "Faults of the stand-in"),
    h(
      "p",
      { class: "hint" },
      "Makes the model's stand-in misbehave until you end it, to see alarms and mails arrive.",
    ),
    h("form", { onSubmit: submit, class: "fault" }, [
      h("label", null, [
        "Fault ",
        h(
          "select",
          { value: kind, onChange: (event: Event) => setKind((event.target as HTMLSelectElement).value) },
          options,
        ),
      ]),
      h("label", null, [
        "Share of requests, % ",
        h("input", {
          type: "number",
          min: 0,
          max: 100,
          value: percent,
          onInput: (event: Event) => setPercent(Number((event.target as HTMLInputElement).value)),
        }),
      ]),
      h("button", { type: "submit" }, "Start fault"),
      h(
        "button",
        {
          type: "button",
          disabled: overview.fault.kind === "off",
          onClick: () => post({ kind: "off", rate: 1 }),
        },
        "End fault",
      ),
    ]),
    h("p", { role: "status" }, problem === "" ? faultText(overview) : problem),
  ]);
}

function faultText({ fault }: Overview): string {
  if (fault.kind === "off") return "No fault is active.";
  return `Active: ${fault.kind} on ${Math.round(fault.rate * 100)} % of requests.`;
}

/** Empty when it worked, else why not. */
async function postFault(fault: { readonly kind: string; readonly rate: number }): Promise<string> {
  const response = await fetch("/api/fault", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fault),
  });
  if (response.ok) return "";
  return ((await response.json()) as { readonly error: string }).error;
}

/** Shell lines that ask the running function something; the token is fetched by a command and never shown. */
export function curlLine({
  tokenCommand,
  functionUrl,
}: Pick<Overview, "tokenCommand" | "functionUrl">): string {
  return [
    `TOKEN="$(${tokenCommand})"`,
    `curl -sS '${functionUrl.replaceAll("'", "%27")}' \\`,
    `  -H "X-Client-Token: $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '{"text":"dentist friday at two","mode":"event"}'`,
  ].join("\n");
}
