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

  test.each([
    "",
    "#",
    "#/nowhere",
    "#/dashboards?range=9y",
    "#/dashboards/%E0%A4%A",
    "#/dashboards?range=toString",
  ])("%j leads to the first dashboard", (hash) => expect(readRoute(hash)).toEqual({ section: "dashboards" }));
});
