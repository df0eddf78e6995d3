/** The time ranges on offer, in seconds back from now. */
export const RANGES = {
  "1h": 3600,
  "3h": 10_800,
  "12h": 43_200,
  "1d": 86_400,
  "3d": 259_200,
  "1w": 604_800,
} as const;

/** One of {@link RANGES}. */
export type RangeName = keyof typeof RANGES;

/** The sections of the page. */
export const SECTIONS = ["dashboards", "alarms", "requests", "inbox", "setup"] as const;

/** One of {@link SECTIONS}. */
export type Section = (typeof SECTIONS)[number];

/** Where the reader is: the page's hash says so, so that every place can be linked. */
export interface Route {
  readonly section: Section;
  /** A dashboard, alarm or mail of the section; `undefined` is the first, or none. */
  readonly item?: string;
  /** The dashboard's own when missing. */
  readonly range?: RangeName;
}

/** Reads a hash such as `#/dashboards/WristAgent-production?range=1d`; what it does not know it takes for the default. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [first, second] = path.split("/");
  const section = SECTIONS.find((known) => known === first) ?? "dashboards";
  const range = new URLSearchParams(query).get("range") ?? "";
  const item = decodeItem(second ?? "");
  return { section, ...(isRangeName(range) && { range }), ...(item !== "" && { item }) };
}

/** The hash of a place, the inverse of {@link readRoute}. */
export function routeHash({ section, item, range }: Route): string {
  const place = item === undefined ? section : `${section}/${encodeURIComponent(item)}`;
  return range === undefined ? `#/${place}` : `#/${place}?range=${range}`;
}

/** The offered range of so many seconds. */
export function rangeOfSeconds(seconds: number): RangeName | undefined {
  return (Object.keys(RANGES) as RangeName[]).find((name) => RANGES[name] === seconds);
}

function isRangeName(name: string): name is RangeName {
  return Object.hasOwn(RANGES, name);
}

function decodeItem(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
