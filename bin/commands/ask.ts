import { Command, InvalidArgumentError } from "commander";
import { MODES, REQUEST_LIMITS } from "../../lambda/contract/request.ts";
import { askAgent, answerErrorText, type Answer, type Question } from "../cli/agent-client.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { dataOption, runningSystem } from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";

interface AskOptions {
  readonly mode?: string;
  readonly maxTokens?: number;
  readonly thinkingTokens?: number;
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
  readonly json?: true;
}

/** Environment variables that name a deployed agent, so that the token stays out of the process list. */
const URL_VARIABLE = "WRIST_AGENT_URL";
const TOKEN_VARIABLE = "WRIST_AGENT_TOKEN";

/** `ask TEXT`: one request through the Function URL, as the Shortcut makes it. */
export function askCommand(terminal: Terminal): Command {
  return new Command("ask")
    .description("ask the agent one dictated sentence and print its reply")
    .argument("<text>", "what was dictated")
    .option("-m, --mode <mode>", `what to make of it: ${MODES.join(", ")} (default: note)`)
    .option(
      "--max-tokens <n>",
      `longest reply in tokens, at most ${REQUEST_LIMITS.maxTokensLimit}`,
      wholeNumber,
    )
    .option("--thinking-tokens <n>", "tokens the model may think with (default: 0)", wholeNumber)
    .option(
      "--url <url>",
      `Function URL of a deployed agent (or ${URL_VARIABLE}; default: the running system)`,
    )
    .option("--token <token>", `its token; better in ${TOKEN_VARIABLE}, which the process list does not show`)
    .addOption(dataOption())
    .option("--json", "print the answer's body as it came")
    .addHelpText("after", '\nExample: npm run cli -- ask "dentist friday at two" --mode event')
    .action(async (text: string, options: AskOptions) => {
      const target = await agentAddress(options);
      const question = askedQuestion(text, options);
      const answer = await terminal.progress("asking", askAgent(target.url, target.token, question));
      printAnswer(terminal, answer, options);
    });
}

function askedQuestion(text: string, options: AskOptions): Question {
  return {
    text,
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }),
    ...(options.thinkingTokens !== undefined && { thinkingTokens: options.thinkingTokens }),
  };
}

interface AgentAddress {
  readonly url: string;
  readonly token: string;
}

async function agentAddress(options: AskOptions): Promise<AgentAddress> {
  const url = options.url ?? process.env[URL_VARIABLE];
  const token = options.token ?? process.env[TOKEN_VARIABLE];
  if (url === undefined) {
    const running = await runningSystem(options.data);
    if (running.functionUrl === "")
      throw new Failure(`${running.stage} has no Function URL to ask: start the agent with npm start`);
    return { url: running.functionUrl, token: token ?? running.token };
  }
  if (!URL.canParse(url)) {
    throw new UsageError(`--url ${url} is not a URL: give the whole Function URL, beginning with https://`);
  }
  if (token === undefined)
    throw new UsageError(`${url} needs a token: set ${TOKEN_VARIABLE} or give --token`);
  return { url, token };
}

function printAnswer(terminal: Terminal, answer: Answer, options: AskOptions): void {
  if (options.json === true) terminal.out(answer.raw);
  if (answer.status !== 200) {
    const id = answer.requestId === undefined ? "" : ` (request ${answer.requestId})`;
    throw new Failure(`the agent answered ${answer.status}: ${answerErrorText(answer)}${id}`);
  }
  if (options.json !== true) replyLines(terminal, answer).forEach(terminal.out);
}

const REPLY_DETAILS = ["dueISO", "startISO", "endISO", "location", "url", "notes"] as const;

function replyLines(terminal: Terminal, answer: Answer): string[] {
  const { fields } = answer;
  const text = (key: string): string => (typeof fields[key] === "string" ? fields[key] : "");
  const details = REPLY_DETAILS.filter((key) => text(key) !== "").map(
    (key) => `  ${key.padEnd(8)}  ${text(key)}`,
  );
  const tags = Array.isArray(fields.tags) ? fields.tags.join(", ") : "";
  return [
    `${terminal.colours.bold(text("title"))}  ${terminal.colours.dim(`${text("action")}, ${answer.milliseconds} ms`)}`,
    ...details,
    ...(tags === "" ? [] : [`  ${"tags".padEnd(8)}  ${tags}`]),
    "",
    text("markdown"),
  ];
}

function wholeNumber(value: string): number {
  if (!/^-?\d+$/.test(value)) throw new InvalidArgumentError("give a whole number.");
  return Number(value);
}
