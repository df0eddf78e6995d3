import { seededRandom } from "../../local/random.ts";
import { askUrl } from "../client.ts";
import type { Attack } from "../torture.ts";

/** A request and the one status that the contract gives it. */
interface Case {
  readonly status: number;
  readonly body: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

const UNITS = ["a", "é", "\u{1F642}", "\u0000", "\ud800", '"', "\\", "</dictation>", "\n", "```json"];

function anyText(random: () => number, length: number): string {
  return Array.from({ length }, () => UNITS[Math.floor(random() * UNITS.length)] ?? "").join("");
}

const CASES: readonly ((random: () => number) => Case)[] = [
  (random) => ({ status: 401, body: "{}", headers: { "x-client-token": `x${String(random())}` } }),
  (random) => ({ status: 405, body: "", method: random() < 0.5 ? "PUT" : "DELETE" }),
  (random) => ({ status: 400, body: `{"text":${anyText(random, 5).replaceAll('"', "")}` }),
  (random) => ({ status: 400, body: JSON.stringify({ text: random() < 0.5 ? "" : 7 }) }),
  (random) => ({
    status: 400,
    body: JSON.stringify({ text: "x", maxTokens: 1.5 + Math.floor(random() * 9) }),
  }),
  (random) => ({
    status: 400,
    body: JSON.stringify({ text: "x", thinkingTokens: -1 - Math.floor(random() * 9) }),
  }),
  (random) => ({ status: 400, body: JSON.stringify({ text: "x", mode: `mode ${String(random())}` }) }),
];

/** Requests that the model is not asked for, so that there can be thousands of them. */
export const attack: Attack = {
  description: "requests that must be refused, each with one status of the contract",
  async run({ addresses }, { factor }) {
    const random = seededRandom(15);
    const wrong: string[] = [];
    const count = Math.round(2000 * factor);
    for (let at = 0; at < count; at += 1) {
      const one = CASES[at % CASES.length]?.(random);
      if (one === undefined) continue;
      const { status, body } = await askUrl(addresses, one);
      if (status !== one.status || body.includes(addresses.token))
        wrong.push(`${status} instead of ${one.status} for ${one.method ?? "POST"} ${one.body.slice(0, 80)}`);
    }
    return { tried: count, wrong, lost: [] };
  },
};
