/** A page of a list; `NextToken` is there while more follows. */
export interface NumberedPage<Item> {
  readonly items: readonly Item[];
  readonly NextToken?: string;
}

/** Which page: where it begins, by the token of the page before, and how long it is at most. */
interface PageAsked {
  /** The first page when missing or empty. */
  readonly token: unknown;
  readonly size: number;
}

/** A page of a list whose tokens are the places at which pages begin; `undefined` for a token that is none. */
export function numberedPage<Item>(
  all: readonly Item[],
  { token, size }: PageAsked,
): NumberedPage<Item> | undefined {
  const start = Number(token ?? 0);
  if (!Number.isInteger(start) || start < 0) return undefined;
  const end = start + size;
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}
