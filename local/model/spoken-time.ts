const UNITS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const NUMBERS = new Map<string, number>([
  ...UNITS.map((word, value): [string, number] => [word, value]),
  ...TENS.map((word, index): [string, number] => [word, (index + 2) * 10]),
]);
const WORD = [...NUMBERS.keys()].sort((a, b) => b.length - a.length).join("|");
const DAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tonight|tomorrow";

type Rewrite = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

/** In their order: numbers first, then the ways to say a time with them. */
const REWRITES: readonly Rewrite[] = [
  [
    new RegExp(`\\b(${TENS.join("|")})[ -](${UNITS.slice(1, 10).join("|")})\\b`, "gi"),
    (_, tens = "", unit = "") => String(number(tens) + number(unit)),
  ],
  [new RegExp(`\\b(${WORD})\\b`, "gi"), (_, word = "") => String(number(word))],
  [/\b(?:a )?half past (\d{1,2})\b/gi, "$1:30"],
  [/\b(?:a )?quarter past (\d{1,2})\b/gi, "$1:15"],
  [/\b(?:a )?quarter to (\d{1,2})\b/gi, (_, hour = "") => `${((Number(hour) + 10) % 12) + 1}:45`],
  [new RegExp(`\\b(${DAY}|at) (\\d{1,2}) (15|30|45)\\b`, "gi"), "$1 $2:$3"],
  [/\b(\d{1,2}(?::\d\d)?)(?: o'?clock)? (?:in the morning)\b/gi, "$1 am"],
  [/\b(\d{1,2}(?::\d\d)?)(?: o'?clock)? (?:in the afternoon|in the evening|at night)\b/gi, "$1 pm"],
  [/\b(\d{1,2}) o'?clock\b/gi, "$1:00"],
  [new RegExp(`\\b(${DAY}) (\\d{1,2}(?::\\d\\d)?)(?= |,|$)(?! (?:days|weeks|people))`, "gi"), "$1 at $2"],
];

/** Dictated times in the digits that a date parser reads: "seven in the evening" becomes "7 pm". */
export function writtenTimes(dictated: string): string {
  return REWRITES.reduce(
    (text, [pattern, replacement]) =>
      typeof replacement === "string"
        ? text.replace(pattern, replacement)
        : text.replace(pattern, replacement),
    dictated,
  );
}

function number(word: string): number {
  return NUMBERS.get(word.toLowerCase()) ?? 0;
}
