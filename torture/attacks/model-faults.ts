import { askUrl } from "../client.ts";
import type { Attack } from "../torture.ts";

/** Statuses that the contract allows under each fault of the model. */
const ALLOWED: Readonly<Record<string, readonly number[]>> = {
  throttle: [503, 429],
  error: [502, 503],
  access: [500, 502, 503],
  garbage: [200, 502],
  off: [200],
};

/** The model misbehaves, and every request still gets one answer of the contract. */
export const attack: Attack = {
  description: "faults of the model: every request gets an answer that the contract allows",
  async run({ addresses }, { factor }) {
    const wrong: string[] = [];
    let tried = 0;
    const each = Math.max(1, Math.round(3 * factor));
    for (const [kind, allowed] of Object.entries(ALLOWED)) {
      await fetch(`${addresses.page}/api/fault`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind, rate: 1 }),
      });
      const body = JSON.stringify({ text: "call the dentist tomorrow at nine", mode: "reminder" });
      const answers = await Promise.all(Array.from({ length: each }, () => askUrl(addresses, { body })));
      tried += answers.length;
      for (const { status } of answers) if (!allowed.includes(status)) wrong.push(`${status} under ${kind}`);
    }
    return { tried, wrong, lost: [] };
  },
};
