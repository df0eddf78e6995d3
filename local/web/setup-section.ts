import { type ComponentChild, h } from "preact";
import type { Overview } from "../server/wire.ts";
import { CopyButton } from "./format/text.ts";
import { clockTime, Timestamp } from "./format/time.ts";

interface SetupProps {
  readonly overview: Overview;
  readonly nowMs: number;
}

/** Addresses, a line to copy, functions and schedules, and what is not emulated. */
export function SetupSection({ overview, nowMs }: SetupProps): ComponentChild {
  return h("div", { class: "cards setup" }, [
    h(AddressesCard, { overview, nowMs }),
    overview.askModes.length === 0 ? null : h(CurlCard, { overview }),
    h(FunctionsCard, { overview, nowMs }),
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
    ...(overview.functionUrl === ""
      ? []
      : [["Function URL", h("code", null, overview.functionUrl)] as const]),
    ["AWS APIs", h("code", null, overview.awsEndpoint)],
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
  const line = curlLine(overview);
  return h("section", { class: "card" }, [
    h("h3", null, "Ask by curl"),
    h("p", { class: "hint" }, "The first line puts the token into a variable; the page never shows it."),
    h("pre", { class: "copy", tabIndex: 0 }, line),
    h(CopyButton, { text: line, label: "Copy" }),
  ]);
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
