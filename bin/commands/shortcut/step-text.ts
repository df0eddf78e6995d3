import type { Terminal } from "../../cli/terminal.ts";
import type { ShortcutPart, ShortcutStep } from "./steps.ts";

const INDENT = "   ";

/** The steps of every part for a person at a terminal, numbered as in the document. */
export function stepLines({ colours }: Pick<Terminal, "colours">, parts: readonly ShortcutPart[]): string[] {
  return parts.flatMap(({ title, steps }) => [
    "",
    colours.bold(title),
    ...steps.flatMap((step, at) => {
      const [head = "", ...rest] = linesOf(step, String(at + 1));
      return [head.replace(step.action, colours.cyan(step.action)), ...rest];
    }),
  ]);
}

function linesOf(step: ShortcutStep, number: string): readonly string[] {
  const { action, fields, why } = step;
  const depth: number = step.depth ?? 0;
  const inner = `${INDENT.repeat(depth)}     `;
  return [
    `${number.padStart(3)}. ${INDENT.repeat(depth)}${action}`,
    ...fields.map(([field, text]) => `${inner}${field}: ${text}`),
    ...(why === undefined ? [] : [`${inner}(${why})`]),
  ];
}

/** The same for the document: an item of a list for each step. */
export function stepMarkdown({ steps }: ShortcutPart): string {
  return steps
    .flatMap(({ action, fields, why, depth = 0 }, at) => {
      const values = fields.map(([field, text]) => `    - ${field}: \`${text}\``);
      const place = depth === 0 ? "" : ` (within ${depth === 1 ? "the If" : "both Ifs"})`;
      return [`${at + 1}. **${action}**${place}${why === undefined ? "" : `: ${why}`}`, ...values];
    })
    .join("\n");
}

/** The actions as a drawing: one line each, indented within If, with what is put in. */
export function actionDiagram({ steps }: ShortcutPart): string {
  return steps
    .map(
      ({ action, fields, depth = 0 }) =>
        `${"│  ".repeat(depth)}${branch(action)}${shortText(action, fields)}`,
    )
    .join("\n");
}

function branch(action: string): string {
  if (action === "If") return "┌─ ";
  if (action === "Otherwise") return "├─ ";
  return action === "End If" ? "└─ " : "   ";
}

function shortText(action: string, fields: ShortcutStep["fields"]): string {
  const texts = fields.filter(([field]) => DRAWN.includes(field)).map(([, text]) => text);
  return texts.length === 0 ? action : `${action}: ${texts.join(" ")}`;
}

/** Fields that tell one action from another of its name. */
const DRAWN: readonly string[] = [
  "Input",
  "Condition",
  "Key",
  "Reminder",
  "Title",
  "Message",
  "Show More: Method",
  "URL",
  "Prompt",
];
