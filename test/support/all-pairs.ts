/** Names with the values that each can take. */
export type Options = Readonly<Record<string, readonly string[]>>;

/** A value for each name, or for some of them. */
export type Choice = Readonly<Record<string, string>>;

/** What {@link allPairs} found. */
export interface AllPairs {
  /** Choices with a value for every name, in which every possible pair of values is there at least once. */
  readonly cases: readonly Choice[];
  /** Pairs that no allowed choice can hold. */
  readonly impossible: readonly Choice[];
}

/** How many cases are tried before the one that closes most open pairs is taken; more make fewer cases. */
const CANDIDATES = 20;

/** Where the orders begin; another number makes a case more or less. */
const SEED = 6;

/** Every pair of values of two names. */
export function pairsOf(options: Options): readonly Choice[] {
  const names = Object.keys(options);
  return names.flatMap((one, index) =>
    names
      .slice(index + 1)
      .flatMap((other) =>
        valuesOf(options, one).flatMap((value) =>
          valuesOf(options, other).map((second) => ({ [one]: value, [other]: second })),
        ),
      ),
  );
}

/** Whether a choice has all values of another one. */
export function holds(choice: Choice, part: Choice): boolean {
  return Object.entries(part).every(([name, value]) => choice[name] === value);
}

/**
 * Few choices that hold every pair of values of two names, none of which holds a forbidden combination.
 *
 * Greedy, after AETG (Cohen et al. 1997): a case begins with a pair that is still open, and takes name after
 * name, in one order and another, the value that closes most further pairs. The same options always give the
 * same cases.
 */
export function allPairs(options: Options, forbidden: readonly Choice[]): AllPairs {
  const names = Object.keys(options);
  const constrained = names.filter((name) => forbidden.some((part) => name in part));
  const isPossible = (choice: Choice): boolean => canBeCompleted(choice, { options, forbidden, constrained });
  const pairs = pairsOf(options).map((pair) => ({ pair, isPossible: isPossible(pair) }));
  const open = new OpenPairs(pairs.filter((each) => each.isPossible).map(({ pair }) => pair));
  const shuffled = shuffles();
  const cases: Choice[] = [];
  for (let begun = open.first(); begun; begun = open.first()) {
    const beginning = begun;
    const candidates = Array.from({ length: CANDIDATES }, () =>
      grown(beginning, { options, order: shuffled(names), open, isPossible }),
    );
    const best = candidates.reduce((one, other) => (open.in(other) > open.in(one) ? other : one));
    open.close(best);
    cases.push(best);
  }
  return { cases, impossible: pairs.filter((each) => !each.isPossible).map(({ pair }) => pair) };
}

/** The pairs that are in no case yet. */
class OpenPairs {
  /** By `name=value`, the others that it is still to meet, in both directions. */
  readonly #partners = new Map<string, Set<string>>();
  readonly #pairs: Choice[];

  constructor(pairs: readonly Choice[]) {
    this.#pairs = [...pairs];
    for (const pair of pairs) {
      const [one = "", other = ""] = wordsOf(pair);
      this.#of(one).add(other);
      this.#of(other).add(one);
    }
  }

  /** One that is still open. */
  first(): Choice | undefined {
    return this.#pairs[0];
  }

  /** How many a further value would close. */
  between(choice: readonly string[], word: string): number {
    const partners = this.#of(word);
    return choice.filter((each) => partners.has(each)).length;
  }

  /** How many a choice would close. */
  in(choice: Choice): number {
    const words = wordsOf(choice);
    return words.reduce((sum, word) => sum + this.between(words, word), 0) / 2;
  }

  close(choice: Choice): void {
    const words = wordsOf(choice);
    for (const word of words) for (const other of words) this.#of(word).delete(other);
    this.#pairs.splice(0, Infinity, ...this.#pairs.filter((pair) => !holds(choice, pair)));
  }

  #of(word: string): Set<string> {
    const partners = this.#partners.get(word) ?? new Set();
    this.#partners.set(word, partners);
    return partners;
  }
}

interface Growing {
  readonly options: Options;
  readonly order: readonly string[];
  readonly open: OpenPairs;
  readonly isPossible: (choice: Choice) => boolean;
}

/** A case from its beginning: for each further name the possible value that closes most open pairs. */
function grown(begun: Choice, { options, order, open, isPossible }: Growing): Choice {
  const choice: Record<string, string> = { ...begun };
  const words = [...wordsOf(begun)];
  for (const name of order) {
    if (name in choice) continue;
    const best =
      valuesOf(options, name)
        .map((value) => ({ value, closed: open.between(words, wordOf(name, value)) }))
        .sort((one, other) => other.closed - one.closed)
        .find(({ value }) => isPossible({ ...choice, [name]: value }))?.value ?? "";
    choice[name] = best;
    words.push(wordOf(name, best));
  }
  return choice;
}

interface Limits {
  readonly options: Options;
  readonly forbidden: readonly Choice[];
  /** Names that a forbidden combination has; any value does for the others. */
  readonly constrained: readonly string[];
}

function canBeCompleted(choice: Choice, limits: Limits): boolean {
  if (limits.forbidden.some((part) => holds(choice, part))) return false;
  const name = limits.constrained.find((each) => !(each in choice));
  if (name === undefined) return true;
  return valuesOf(limits.options, name).some((value) => canBeCompleted({ ...choice, [name]: value }, limits));
}

/**
 * Orders that look like chance and are the same in every run: a linear congruential generator drives Fisher
 * and Yates.
 */
function shuffles(): (words: readonly string[]) => readonly string[] {
  let state = SEED;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return (words) => {
    const shuffled = [...words];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const [word = ""] = shuffled.splice(below(last + 1), 1);
      shuffled.push(word);
    }
    return shuffled;
  };
}

function valuesOf(options: Options, name: string): readonly string[] {
  return options[name] ?? [];
}

function wordOf(name: string, value: string): string {
  return `${name}=${value}`;
}

function wordsOf(choice: Choice): readonly string[] {
  return Object.entries(choice).map(([name, value]) => wordOf(name, value));
}
