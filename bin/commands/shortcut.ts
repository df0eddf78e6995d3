import { Command } from "commander";
import { encode } from "uqr";
import { readTokenCommand } from "../../lambda/contract/token.ts";
import { currentToken } from "../cli/aws-calls.ts";
import { Failure } from "../cli/failure.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import { askAtTerminal, type AskOperator, isYes, type Terminal } from "../cli/terminal.ts";
import { filledSteps, type ShortcutPart, type ShortcutStep, TOKEN_PLACE } from "./shortcut-steps.ts";

interface ShortcutOptions extends StageOptions {
  readonly yes?: true;
}

/** Width of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/**
 * `shortcut`: address, token and steps, so that somebody with an iPhone and a watch can build the Shortcut.
 */
export function shortcutCommand(terminal: Terminal, ask: AskOperator | undefined = askAtTerminal()): Command {
  return addStageOptions(new Command("shortcut"), "print address, steps and, with --yes, the token as JSON")
    .description("show everything needed to build the Shortcut: address, token, QR codes, step by step")
    .option("--yes", "show the token without asking")
    .addHelpText("after", "\nExample: npm run cli -- shortcut --stage production")
    .action(async (options: ShortcutOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        await show(terminal, options, { stage, ask });
      } finally {
        stage.close();
      }
    });
}

/** Address of a stage, and its token where it may be shown. */
interface Known {
  readonly address: string;
  readonly token?: string;
  /** Prints the token in a shell, where it is not shown. */
  readonly tokenCommand: string;
  /** Whether only this machine can reach the address. */
  readonly isLocal: boolean;
}

async function show(
  terminal: Terminal,
  options: ShortcutOptions,
  { stage, ask }: { readonly stage: StageConnection; readonly ask: AskOperator | undefined },
): Promise<void> {
  const known = await whatIsKnown(stage, await mayShowToken(stage, options, ask));
  const parts = filledSteps(known);
  if (options.json === true) {
    const { address, token, tokenCommand } = known;
    const shown = token === undefined ? { tokenCommand } : { token };
    terminal.out(JSON.stringify({ stage: stage.target.stage, address, ...shown, parts }, null, 2));
    return;
  }
  [...codeLines(terminal, known), ...stepLines(terminal, parts)].forEach(terminal.out);
}

async function mayShowToken(
  { target }: StageConnection,
  { yes, json }: ShortcutOptions,
  ask: AskOperator | undefined,
): Promise<"shown" | "hidden"> {
  if (yes === true) return "shown";
  if (json === true || ask === undefined) return "hidden";
  const question = `Show the token of ${target.where} here, where others may see it? (y/n) `;
  return isYes(await ask(question, new AbortController().signal)) ? "shown" : "hidden";
}

async function whatIsKnown(stage: StageConnection, showing: "shown" | "hidden"): Promise<Known> {
  const { FunctionUrl: address, TokenParameterName: parameter } = stage.application().outputs;
  if (address === undefined || parameter === undefined)
    throw new Failure(
      `${stage.target.where}: the stack ${stage.names.applicationStack} has no output FunctionUrl or TokenParameterName: deploy it again`,
    );
  const tokenCommand = stage.target.isLocal
    ? "npm run cli -- token show"
    : readTokenCommand(parameter, stage.region);
  const { isLocal } = stage.target;
  if (showing === "hidden") return { address, tokenCommand, isLocal };
  return { address, tokenCommand, isLocal, token: await currentToken(stage.target, parameter, stage.region) };
}

function codeLines(terminal: Terminal, { address, token, tokenCommand, isLocal }: Known): readonly string[] {
  return [
    terminal.colours.bold("Address"),
    address,
    ...(isLocal
      ? ["(of this machine alone: a watch reaches a deployed stage, --aws shows its address)"]
      : []),
    ...code(terminal, address),
    "",
    terminal.colours.bold("Token"),
    ...(token === undefined
      ? [`not shown; where "${TOKEN_PLACE}" stands below, put what this prints:`, `  ${tokenCommand}`]
      : [token, ...code(terminal, token)]),
  ];
}

function code(terminal: Terminal, text: string): readonly string[] {
  const columns = terminal.columns ?? USUAL_COLUMNS;
  return (
    qrCodeLines(terminal, text, columns) ?? [
      `(${columns} columns are too few for its QR code: make the window wider, or type it)`,
    ]
  );
}

/** Modules of quiet around a code, as ISO/IEC 18004 asks. */
const QUIET_MODULES = 4;

/** A code is two modules high in a line of text, and one wide in a column. */
const HALVES = { light: "█", darkBelow: "▀", darkAbove: "▄", dark: " " } as const;

/**
 * A QR code as lines of text; nothing where the terminal is too narrow, as half a code is none.
 *
 * With colours it is black on white whatever the terminal's own are; without, light modules are drawn, for a
 * dark terminal.
 */
export function qrCodeLines(
  { colours }: Pick<Terminal, "colours">,
  text: string,
  columns: number,
): readonly string[] | undefined {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_MODULES });
  if (size > columns) return undefined;
  const isDark = (row: number, column: number): boolean => data[row]?.[column] ?? false;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const cells = Array.from({ length: size }, (_, column) =>
      halves(isDark(row, column), row + 1 < size && isDark(row + 1, column)),
    );
    lines.push(
      colours.isColorSupported ? colours.whiteBright(colours.bgBlack(cells.join(""))) : cells.join(""),
    );
  }
  return lines;
}

function halves(isUpperDark: boolean, isLowerDark: boolean): string {
  if (isUpperDark) return isLowerDark ? HALVES.dark : HALVES.darkAbove;
  return isLowerDark ? HALVES.darkBelow : HALVES.light;
}

const INDENT = "   ";

/** The steps of every part for a person at a terminal, numbered as in the document. */
function stepLines({ colours }: Pick<Terminal, "colours">, parts: readonly ShortcutPart[]): string[] {
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
