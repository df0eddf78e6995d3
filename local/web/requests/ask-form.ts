import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { QuestionAnswer } from "../../server/wire.ts";
import { Markdown } from "../format/markdown.ts";
import { quantityText } from "../format/quantity.ts";
import { CLOCK_PARTS, DAY_PARTS, writtenTime } from "../format/time.ts";
import { postApi } from "../state/live.ts";
import { routeHash } from "../state/route.ts";

type Asked =
  | { readonly kind: "nothing" | "waiting" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "answered"; readonly answer: QuestionAnswer };

/** Asks the agent as the Shortcut does, and shows what the watch would make of the answer. */
export function AskForm({ modes }: { readonly modes: readonly string[] }): ComponentChild {
  const [asked, setAsked] = useState<Asked>({ kind: "nothing" });
  const submit = (event: Event): void => {
    event.preventDefault();
    const { elements } = event.target as HTMLFormElement;
    const valueOf = (name: string): string => (elements.namedItem(name) as HTMLInputElement).value;
    const question = { text: valueOf("text"), mode: valueOf("mode") };
    setAsked({ kind: "waiting" });
    postApi("/api/ask", question).then(
      (answer) => setAsked({ kind: "answered", answer: answer as QuestionAnswer }),
      (cause: unknown) => setAsked({ kind: "failed", why: (cause as Error).message }),
    );
  };
  if (modes.length === 0) return null;
  return h("section", { class: "card ask" }, [
    h("form", { onSubmit: submit }, [
      h("label", { class: "ask-text" }, [
        h("span", { class: "hidden" }, "What you would dictate"),
        h("input", {
          name: "text",
          required: true,
          placeholder: "Dictate: dentist friday at two",
          autoComplete: "off",
        }),
      ]),
      h("label", null, [
        h("span", { class: "hidden" }, "Mode"),
        h(
          "select",
          { name: "mode" },
          modes.map((mode) => h("option", { key: mode, value: mode }, mode)),
        ),
      ]),
      h("button", { type: "submit", disabled: asked.kind === "waiting" }, "Ask"),
    ]),
    h("div", { role: "status" }, askedView(asked)),
  ]);
}

function askedView(asked: Asked): ComponentChild {
  switch (asked.kind) {
    case "nothing":
      return null;
    case "waiting":
      return h("p", { class: "hint" }, "Asking…");
    case "failed":
      return h("p", { class: "notice" }, asked.why);
    case "answered":
      return h(WatchAnswer, asked);
  }
}

/** What the Shortcut creates of an answer's type. */
const CREATED: Readonly<Record<string, string>> = {
  note: "A note",
  reminder: "A reminder",
  event: "A calendar event",
};

/** The members that the Shortcut puts on the watch, in its order, by what they are there. */
const SHOWN = {
  title: "title",
  startISO: "starts",
  endISO: "ends",
  dueISO: "due",
  location: "place",
  notes: "notes",
  tags: "tags",
  url: "link",
} as const;

function WatchAnswer({ answer }: { readonly answer: QuestionAnswer }): ComponentChild {
  const { fields, status, milliseconds, requestId } = answer;
  const took = h("p", { class: "hint" }, [
    `${status} in ${quantityText(milliseconds, "ms")}`,
    requestId === undefined
      ? null
      : [" · ", h("a", { href: routeHash({ section: "requests", item: requestId }) }, "the request")],
  ]);
  if (status !== 200) {
    const why = fields.error ?? fields.message ?? fields.Message ?? "no reason given";
    return h("div", { class: "watch" }, [h("p", null, `The watch would say: ${fieldText(why)}`), took]);
  }
  const type = fieldText(fields.action);
  const rows = Object.entries(SHOWN).flatMap(([name, label]) =>
    isShown(fields[name]) ? [[label, fields[name]] as const] : [],
  );
  return h("div", { class: "watch" }, [
    h("p", { class: "watch-kind" }, `${CREATED[type] ?? "An answer"} on the watch`),
    h(
      "dl",
      { class: "compact" },
      rows.map(([label, value]) => [
        h("dt", null, label),
        h("dd", null, momentText(value) ?? fieldText(value)),
      ]),
    ),
    isShown(fields.markdown) ? h(Markdown, { markdown: fieldText(fields.markdown) }) : null,
    took,
  ]);
}

/** A moment as people write it, in the zone that is shown; the whole text on hover. */
function momentText(value: unknown): ComponentChild | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const timeMs = Date.parse(value);
  if (Number.isNaN(timeMs)) return undefined;
  const parts = { ...CLOCK_PARTS, ...DAY_PARTS, weekday: "short", timeZoneName: "short" } as const;
  return h("time", { dateTime: value, title: value }, writtenTime(timeMs, parts));
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : JSON.stringify(value ?? "");
}

function isShown(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}
