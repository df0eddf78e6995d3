import { Command } from "commander";
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
import { qrCodeLines } from "./shortcut/qr-code.ts";
import { stepLines } from "./shortcut/step-text.ts";
import { filledSteps, TOKEN_PLACE } from "./shortcut/steps.ts";

interface ShortcutOptions extends StageOptions {
  readonly yes?: true;
}

/** Width of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/** `shortcut`: address, token and steps, so that somebody with an iPhone and a watch can build the Shortcut. */
export function shortcutCommand(terminal: Terminal, ask: AskOperator | undefined = askAtTerminal()): Command {
  return addStageOptions(new Command("shortcut"), "print address, steps and, with --yes, the token as JSON")
    .description("everything that it takes to build the Shortcut: address, token, QR codes, step by step")
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
      `${stage.target.where}: the stack ${stage.names.applicationStack} has no output FunctionUrl or TokenParameterName: deploy it anew`,
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
