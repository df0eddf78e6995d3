import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import { isUtc } from "../format/time.ts";
import type { Span } from "../state/route.ts";

interface SpanFormProps {
  readonly span: Span;
  /** Whether the span is one that the reader has chosen. */
  readonly isCustom: boolean;
  readonly choose: (span: Span) => void;
}

/** Two moments to choose a span of one's own. */
export function SpanForm({ span, isCustom, choose }: SpanFormProps): ComponentChild {
  const [problem, setProblem] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const [from, to] = ["from", "to"].map((name) =>
      parseMoment((form.elements.namedItem(name) as HTMLInputElement).value),
    );
    if (from === undefined || to === undefined || to - from < 60_000)
      setProblem("Give two times at least a minute apart.");
    else {
      setProblem("");
      form.closest("details")?.removeAttribute("open");
      choose({ fromMs: from, toMs: to });
    }
  };
  const field = (name: "from" | "to", timeMs: number): ComponentChild =>
    h("label", null, [
      `${name === "from" ? "From" : "To"} `,
      h("input", {
        type: "datetime-local",
        name,
        step: 1,
        required: true,
        defaultValue: momentText(timeMs),
        key: timeMs,
      }),
    ]);
  return h("details", { class: "custom-span" }, [
    h("summary", { "aria-current": isCustom ? "true" : undefined }, "Custom"),
    h("form", { onSubmit: submit }, [
      field("from", span.fromMs),
      field("to", span.toMs),
      h("button", { type: "submit" }, "Show"),
      h("p", { role: "status" }, problem),
    ]),
  ]);
}

/** `2026-11-22T18:04:11` in the zone that the page shows. */
function momentText(timeMs: number): string {
  const shifted = isUtc() ? timeMs : timeMs - new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 19);
}

function parseMoment(text: string): number | undefined {
  const timeMs = Date.parse(isUtc() ? `${text}Z` : text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
