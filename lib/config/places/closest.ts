/** Letters that a typing mistake gets wrong at most. */
const MOST_WRONG = 3;

/** The candidate that `text` is most likely meant to be; none when nothing is near. Case and `_` do not count. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const most = Math.min(MOST_WRONG, text.length / 3);
  const given = bare(text);
  const [best] = candidates
    .map((candidate) => ({ candidate, meant: bare(candidate) }))
    // Each letter more or less is one wrong: CDK's long flags need no closer look, and there are a hundred.
    .filter(({ meant }) => Math.abs(meant.length - given.length) <= most)
    .map(({ candidate, meant }) => ({ candidate, wrong: lettersWrong(given, meant) }))
    .sort((one, other) => one.wrong - other.wrong);
  return best && best.wrong <= most ? best.candidate : undefined;
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[-_]/g, "");
}

/** Letters to insert, drop or change until one text is the other (Levenshtein). */
function lettersWrong(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [at, against] of other.split("").entries()) {
      const changed = (row[at] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
