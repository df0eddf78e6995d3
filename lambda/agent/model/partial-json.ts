interface Scan {
  /** Closers of what is open, innermost last. */
  readonly open: readonly string[];
  readonly isInString: boolean;
  /** Index of the backslash of an unfinished escape; -1 when there is none. */
  readonly escapeAt: number;
  /** Indexes of the commas outside strings, where the text can be cut. */
  readonly commas: readonly number[];
}

const CLOSER: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/** Commas tried from the end; a cut further back keeps too little to be worth it. */
const CUTS_MOST = 12;

/** Parses JSON that was cut off somewhere: what is open is closed, what is half written is dropped. */
export function parsePartialJson(text: string): unknown {
  const whole = scan(text);
  const cuts = whole.commas.slice(-CUTS_MOST).reverse();
  for (const candidate of [closed(text, whole), ...cuts.map((at) => closedAt(text, at))]) {
    const value = parsed(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

function closedAt(text: string, at: number): string {
  const head = text.slice(0, at);
  return closed(head, scan(head));
}

function closed(text: string, state: Scan): string {
  const head = state.escapeAt >= 0 ? text.slice(0, state.escapeAt) : text;
  return head + (state.isInString ? '"' : "") + [...state.open].reverse().join("");
}

function scan(text: string): Scan {
  const open: string[] = [];
  const commas: number[] = [];
  let isInString = false;
  let escapeAt = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (escapeAt >= 0) {
      if (at - escapeAt >= (text.charAt(escapeAt + 1) === "u" ? 5 : 1)) escapeAt = -1;
    } else if (isInString) {
      if (character === "\\") escapeAt = at;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character in CLOSER) open.push(CLOSER[character] ?? "");
    else if (character === "}" || character === "]") open.pop();
    else if (character === ",") commas.push(at);
  }
  return { open, isInString, escapeAt, commas };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
