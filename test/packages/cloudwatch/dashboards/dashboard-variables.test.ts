import { describe, expect, it } from "vitest";
import { draw, readSeries } from "./draw-fake.ts";

describe("variables", () => {
  const widgets = [
    {
      type: "metric",
      properties: {
        region: "r1",
        stat: "Sum",
        metrics: [["App", "A", "service", "chat"]],
        title: "stage beta",
      },
    },
  ];
  const property = {
    type: "property",
    property: "service",
    inputType: "select",
    id: "service",
    defaultValue: "mail",
  };

  function firstQuery(variables: readonly object[], values?: Readonly<Record<string, string>>) {
    let query: unknown;
    const view = draw(
      { widgets, variables },
      {
        ...(values === undefined ? {} : { variables: values }),
        readSeries: (queries, grid) => {
          query = queries[0]?.metricStat;
          return readSeries(queries, grid);
        },
      },
    );
    return { query, view };
  }

  it("change the value of a dimension everywhere, to the default or to the choice", () => {
    expect(firstQuery([property]).query).toMatchObject({ metric: { dimensions: { service: "mail" } } });
    expect(firstQuery([property], { service: "other" }).query).toMatchObject({
      metric: { dimensions: { service: "other" } },
    });
  });

  it("change a property of the widgets", () => {
    expect(firstQuery([{ ...property, property: "stat", defaultValue: "p90" }]).query).toMatchObject({
      stat: "p90",
    });
  });

  it("replace a pattern in every text", () => {
    const pattern = { type: "pattern", pattern: "be.a", id: "stage", defaultValue: "prod$1" };
    expect(firstQuery([pattern]).view.widgets[0]).toMatchObject({ title: "stage prod$1" });
  });

  it("take the first of their values for __FIRST", () => {
    const first = { ...property, defaultValue: "__FIRST", values: [{ value: "one" }, { value: "two" }] };
    expect(firstQuery([first]).query).toMatchObject({ metric: { dimensions: { service: "one" } } });
  });

  it.each([
    [
      { ...property, defaultValue: "__FIRST", search: "{App} x" },
      'variable "service": values are not searched for',
    ],
    [
      { ...property, type: "other" },
      'variable "service": type must be property or pattern, with that member',
    ],
    [
      { type: "pattern", pattern: "(", id: "p", defaultValue: "x" },
      'variable pattern "(" is not a regular expression',
    ],
  ])("are named when they cannot be applied: %j", (variable, notice) => {
    expect(firstQuery([variable]).view.notices).toEqual([notice]);
  });
});
