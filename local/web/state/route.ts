/** The time ranges on offer, in seconds back from now. */
export const RANGES = {
  "15m": 900,
  "1h": 3600,
  "3h": 10_800,
  "12h": 43_200,
  "1d": 86_400,
  "3d": 259_200,
  "1w": 604_800,
  "30d": 2_592_000,
} as const;

/** One of {@link RANGES}. */
export type RangeName = keyof typeof RANGES;

/** A span of time, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The sections of the page. */
export const SECTIONS = ["dashboards", "alarms", "requests", "inbox", "setup"] as const;

/** One of {@link SECTIONS}, or a document that something leads to. */
export type Section = (typeof SECTIONS)[number] | "docs";

/** What narrows a list: words, and columns that must have a value. */
export const FILTERS = ["q", "outcome", "mode", "client", "probe", "from", "to"] as const;

/** Values of {@link FILTERS}; a missing one narrows nothing. */
export type Filter = Partial<Readonly<Record<(typeof FILTERS)[number], string>>>;

/** Where the reader is: the page's hash says so, so that every place can be linked. */
export interface Route {
  readonly section: Section;
  /** A dashboard, alarm, request, mail or document of the section; `undefined` is the first, or none. */
  readonly item?: string;
  /** The dashboard's own when missing. */
  readonly range?: RangeName;
  /** Takes the place of the range. */
  readonly span?: Span;
  /** The one widget that is shown, large. */
  readonly widget?: number;
  readonly filter?: Filter;
}

/**
 * Reads a hash such as `#/dashboards/WristAgent-production?range=1d`; what it does not know it takes for the
 * default.
 */
export function readRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [first, second] = path.split("/");
  const query = new URLSearchParams(search);
  const section = [...SECTIONS, "docs" as const].find((known) => known === first) ?? "dashboards";
  const item = decodeItem(second ?? "");
  const details = section === "dashboards" ? readView(query) : { ...readRange(query), ...readFilter(query) };
  return { section, ...(item !== "" && { item }), ...details };
}

function readRange(query: URLSearchParams): Pick<Route, "range"> {
  const range = query.get("range") ?? "";
  return isRangeName(range) ? { range } : {};
}

/** What of a dashboard is shown. */
function readView(query: URLSearchParams): Partial<Route> {
  const span = readSpan(query);
  const widget = query.get("widget") ?? "";
  return {
    ...readRange(query),
    ...(span !== undefined && { span }),
    ...(/^\d{1,3}$/.test(widget) && { widget: Number(widget) }),
  };
}

/** The hash of a place, the inverse of {@link readRoute}. */
export function routeHash({ section, item, range, span, widget, filter = {} }: Route): string {
  const place = item === undefined ? section : `${section}/${encodeURIComponent(item)}`;
  const query = new URLSearchParams();
  if (range !== undefined) query.set("range", range);
  if (span !== undefined) {
    query.set("from", String(span.fromMs));
    query.set("to", String(span.toMs));
  }
  if (widget !== undefined) query.set("widget", String(widget));
  for (const name of FILTERS) if (filter[name] !== undefined) query.set(name, filter[name]);
  const search = query.toString();
  return search === "" ? `#/${place}` : `#/${place}?${search}`;
}

/** Goes to a place. */
export function goTo(route: Route): void {
  location.hash = routeHash(route);
}

/** Replaces the place where the reader is: a letter typed into a search is no step back. */
export function replaceRoute(route: Route): void {
  history.replaceState(null, "", routeHash(route));
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** The offered range of so many seconds. */
export function rangeOfSeconds(seconds: number): RangeName | undefined {
  return (Object.keys(RANGES) as RangeName[]).find((name) => RANGES[name] === seconds);
}

function readSpan(query: URLSearchParams): Span | undefined {
  const [fromMs, toMs] = [Number(query.get("from") ?? Number.NaN), Number(query.get("to") ?? Number.NaN)];
  return Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs) && toMs - fromMs >= 60_000
    ? { fromMs, toMs }
    : undefined;
}

function readFilter(query: URLSearchParams): Pick<Route, "filter"> {
  const given = FILTERS.flatMap((name) => {
    const value = query.get(name);
    const isMoment = name === "from" || name === "to";
    if (value === null || value === "" || (isMoment && !/^\d{1,15}$/.test(value))) return [];
    return [[name, value] as const];
  });
  return given.length === 0 ? {} : { filter: Object.fromEntries(given) };
}

function isRangeName(name: string): name is RangeName {
  return Object.hasOwn(RANGES, name);
}

/** The text that an address encodes; empty for one that encodes none. */
export function decodeItem(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
