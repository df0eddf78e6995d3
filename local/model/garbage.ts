import type { Random } from "./random.ts";
import { DISCLAIMER } from "./written-reply.ts";

interface Garbled {
  readonly text: string;
  /** True for a reply that stops in the middle. */
  readonly isCut: boolean;
}

/** The ways in which models are known to miss the form that they are asked for. */
const WAYS: readonly ((reply: string) => Garbled)[] = [
  () => ({ text: `Sure! Here is what I would write down for you. ${DISCLAIMER}`, isCut: false }),
  (reply) => ({ text: reply.slice(0, Math.floor(reply.length / 2)), isCut: true }),
  (reply) => ({ text: `\`\`\`json\n${reply}\n\`\`\``, isCut: false }),
  () => ({ text: "", isCut: false }),
];

/** A reply spoilt in one of four ways: prose, cut in half, in a code fence, or empty. */
export function garbled(reply: string, random: Random): Garbled {
  const way = WAYS[Math.floor(random() * WAYS.length)];
  return way === undefined ? { text: "", isCut: false } : way(reply);
}
