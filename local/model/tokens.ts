/** Estimates: prompts hold about 3.8 characters a token, replies in JSON about 3.6. */
const INPUT_CHARACTERS = 3.8;
const OUTPUT_CHARACTERS = 3.6;

/** Tokens that a prompt is estimated to hold. */
export function inputTokens(text: string): number {
  return Math.ceil(text.length / INPUT_CHARACTERS);
}

/** Tokens that a reply is estimated to hold. */
export function outputTokens(text: string): number {
  return Math.ceil(text.length / OUTPUT_CHARACTERS);
}

/** A text that ends where its tokens are used up. */
export function truncated(
  text: string,
  mostTokens: number,
): { readonly text: string; readonly isCut: boolean } {
  if (outputTokens(text) <= mostTokens) return { text, isCut: false };
  return { text: text.slice(0, Math.floor(mostTokens * OUTPUT_CHARACTERS)), isCut: true };
}
