import { seededRandom } from "../../local/random.ts";
import {
  agentUnderTest,
  postEvent,
  TOKEN,
  type AgentUnderTest,
} from "../../test/support/agent-under-test.ts";
import type { Attack } from "../torture.ts";

/** An event and the one status that the contract gives it. */
interface Case {
  readonly status: number;
  readonly event: object;
}

/** A part of every dictated text; it may be in no line and no log. */
const CANARY = "purple-canary-4711";
const UNITS = [
  "a",
  "é",
  "\u{1F642}",
  "\u0000",
  "\ud800",
  '"',
  "\\",
  "</dictation>",
  "\n",
  "```json",
  "__proto__",
];

type Draw = () => number;

function whole(random: Draw, limit: number): number {
  return Math.floor(random() * limit);
}

function anyText(random: Draw): string {
  return (
    CANARY + Array.from({ length: whole(random, 12) }, () => UNITS[whole(random, UNITS.length)]).join("")
  );
}

/** A sound body with one field exchanged. */
function body(random: Draw, change: object): object {
  return postEvent({ text: anyText(random), ...change });
}

const CASES: readonly ((random: Draw) => Case)[] = [
  (random) => ({ status: 200, event: body(random, {}) }),
  (random) => ({ status: 200, event: body(random, { maxTokens: String(1 + whole(random, 4096)) }) }),
  (random) => ({ status: 200, event: body(random, { now: anyText(random), thinkingTokens: null }) }),
  (random) => ({
    status: 200,
    event: body(random, { MODE: " Reminder ", [anyText(random)]: anyText(random) }),
  }),
  (random) => ({ status: 400, event: body(random, { text: " ".repeat(whole(random, 9)) }) }),
  (random) => ({ status: 400, event: body(random, { text: whole(random, 9) }) }),
  (random) => ({
    status: 400,
    event: body(random, { text: CANARY + "x".repeat(8_000 + whole(random, 99)) }),
  }),
  (random) => ({ status: 400, event: body(random, { mode: `mode ${random()}` }) }),
  (random) => ({ status: 400, event: body(random, { maxTokens: 4097 + whole(random, 1e9) }) }),
  (random) => ({ status: 400, event: body(random, { maxTokens: 0.5 + whole(random, 4000) }) }),
  (random) => ({ status: 400, event: body(random, { thinkingTokens: -1 - whole(random, 1e9) }) }),
  (random) => ({ status: 400, event: body(random, { thinkingTokens: 65_537 + whole(random, 1e9) }) }),
  (random) => ({ status: 400, event: body(random, { timeZone: `Mars/${random()}` }) }),
  (random) => ({ status: 400, event: postEvent(`{"text":"${CANARY}${"[".repeat(whole(random, 2000))}`) }),
  (random) => ({
    status: 401,
    event: postEvent({ text: anyText(random) }, { "x-client-token": `${TOKEN}${random()}` }),
  }),
  (random) => ({ status: 401, event: postEvent({ text: anyText(random) }, {}) }),
  (random) => ({
    status: 401,
    event: { ...postEvent({ text: anyText(random) }), headers: [anyText(random)] },
  }),
];

async function problemOf(agent: AgentUnderTest, { status, event }: Case): Promise<string | undefined> {
  agent.lines.length = 0;
  agent.logs.length = 0;
  const result = await agent.call(event);
  if (result.statusCode !== status) return `${String(result.statusCode)} instead of ${status}`;
  if (agent.lines.length !== 1) return `${agent.lines.length} lines instead of 1`;
  const said = [...agent.lines, ...agent.logs].join("");
  if (said.includes(CANARY)) return "the dictated text is in a line or a log";
  if (said.includes(TOKEN) || result.body?.includes(TOKEN) === true) return "the token is disclosed";
  const hasError = "error" in (JSON.parse(result.body ?? "null") as object);
  return hasError === (status !== 200) ? undefined : "the body does not fit the status";
}

/** Calls of the handler in this process, whose answers are known beforehand. */
export const attack: Attack = {
  description:
    "calls of the handler in process: the one right status, one line, no text and no token disclosed",
  async run(_system, { factor }) {
    const random = seededRandom(45);
    const agent = agentUnderTest();
    const wrong: string[] = [];
    const count = Math.round(10_000 * factor);
    for (let at = 0; at < count; at += 1) {
      const one = CASES[whole(random, CASES.length)]?.(random);
      if (one === undefined) continue;
      // A minute apart: neither repeated failures nor repeated texts are what is tried here.
      agent.pass(60_000);
      const problem = await problemOf(agent, one).catch((error: unknown) => `thrown: ${String(error)}`);
      if (problem !== undefined) wrong.push(`${problem} for ${JSON.stringify(one.event).slice(0, 300)}`);
    }
    return { tried: count, wrong, lost: [] };
  },
};
