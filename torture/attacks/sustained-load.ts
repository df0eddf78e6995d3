import { askUrl, type UrlAnswer } from "../client.ts";
import type { Attack } from "../torture.ts";

const PER_SECOND = 4;

/** Requests by the clock, whether or not the ones before are answered. */
export const attack: Attack = {
  description: `${PER_SECOND} requests a second: every one is served and kept`,
  async run({ addresses }, { factor }) {
    const pending: Promise<UrlAnswer>[] = [];
    const count = Math.round(15 * factor) * PER_SECOND;
    const body = JSON.stringify({ text: "note that the week was long", mode: "note" });
    for (let at = 0; at < count; at += 1) {
      pending.push(askUrl(addresses, { body }));
      await new Promise((resolve) => setTimeout(resolve, 1000 / PER_SECOND));
    }
    const answers = await Promise.all(pending);
    const rows = (await (await fetch(`${addresses.page}/api/requests?limit=1000`)).json()) as {
      requestId: string;
    }[];
    const kept = new Set(rows.map(({ requestId }) => requestId));
    return {
      tried: count,
      wrong: answers
        .filter(({ status }) => status !== 200)
        .map(({ status, body }) => `${status} instead of 200: ${body}`),
      lost: answers
        .slice(-1000)
        .filter(({ requestId }) => !kept.has(requestId))
        .map(({ requestId }) => `request ${requestId}`),
    };
  },
};
