import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { routeHash, RANGES, readRoute, SECTIONS, type RangeName } from "../../../../local/web/state/route.ts";

describe("places in the hash", () => {
  test("every place is found again by its link", () => {
    const place = fc.record({
      section: fc.constantFrom(...SECTIONS),
      item: fc.string({ minLength: 1 }),
      range: fc.constantFrom(...(Object.keys(RANGES) as RangeName[])),
    });
    fc.assert(
      fc.property(place, (route) => {
        expect(readRoute(routeHash(route))).toEqual(route);
      }),
    );
  });

  test("a span, a widget and a filter are found again where they have a meaning", () => {
    const span = { fromMs: 1_795_900_000_000, toMs: 1_795_900_060_000 };
    const dashboard = { section: "dashboards", item: "on-call", span, widget: 3 } as const;
    expect(readRoute(routeHash(dashboard))).toEqual(dashboard);
    const list = {
      section: "requests",
      item: "id-1",
      filter: { q: "a b", outcome: "ok", probe: "shown" },
    } as const;
    expect(readRoute(routeHash(list))).toEqual(list);
    expect(readRoute("#/alarms?q=x&widget=2&from=0&to=60000")).toEqual({
      section: "alarms",
      filter: { q: "x", from: "0", to: "60000" },
    });
    expect(readRoute("#/dashboards?from=0&to=59999&widget=-1")).toEqual({ section: "dashboards" });
  });

  test.each([
    "",
    "#",
    "#/nowhere",
    "#/dashboards?range=9y",
    "#/dashboards/%E0%A4%A",
    "#/dashboards?range=toString",
  ])("%j leads to the first dashboard", (hash) => expect(readRoute(hash)).toEqual({ section: "dashboards" }));
});
