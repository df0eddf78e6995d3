import {
  GetMetricWidgetImageCommand,
  type GetMetricWidgetImageCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { widgetSvg, type WidgetPicture } from "../../../../local/server/aws/widget-svg.ts";
import { CLOUDWATCH_PROTOCOLS, type CloudWatchProtocol } from "../../../support/cloudwatch-protocols.ts";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const WIDGET = {
  metrics: [["Shop", "Orders", { stat: "Sum", color: "#ff0000" }]],
  period: 300,
  title: "Orders",
};

let system: CloudWatchSystem;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

/** Reads an image; the library writes into the environment when it is loaded. */
async function imageOf(bytes: Uint8Array | undefined) {
  const { default: sharp } = await import("sharp");
  delete process.env.VIPSHOME;
  return sharp(Buffer.from(bytes ?? []));
}

/** How many pixels of an image are as red as the series. */
async function redPixels(image: Uint8Array | undefined): Promise<number> {
  const { data, info } = await (
    await imageOf(image)
  )
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let at = 0; at < data.length; at += info.channels)
    if ((data[at] ?? 0) > 200 && (data[at + 1] ?? 0) < 60 && (data[at + 2] ?? 0) < 60) count++;
  return count;
}

function image(widget: object, protocol: CloudWatchProtocol = "json", more: object = {}) {
  const input: GetMetricWidgetImageCommandInput = { MetricWidget: JSON.stringify(widget), ...more };
  return system.clientIn("us-west-2", protocol).send(new GetMetricWidgetImageCommand(input));
}

test.each(Object.keys(CLOUDWATCH_PROTOCOLS) as CloudWatchProtocol[])(
  "an image is a PNG of the wanted size with the metric's line, in %s",
  async (protocol) => {
    const legend = { ...WIDGET, width: 300, height: 200 };
    const before = await redPixels((await image(legend, protocol)).MetricWidgetImage);
    const MetricData = [1, 2, 3].map((n) => ({
      MetricName: "Orders",
      Value: n,
      Timestamp: new Date(NOW - n * 600_000),
    }));
    await system.client.send(new PutMetricDataCommand({ Namespace: "Shop", MetricData }));
    const { MetricWidgetImage: bytes } = await image(legend, protocol);
    expect(await (await imageOf(bytes)).metadata()).toMatchObject({
      format: "png",
      width: 300,
      height: 200,
    });
    expect(await redPixels(bytes)).toBeGreaterThan(before);
  },
);

test.each<[object, object, RegExp]>([
  [{ ...WIDGET, view: "pie" }, {}, /view pie has no image/],
  [{ ...WIDGET, width: 2001 }, {}, /from 1 to 2000/],
  [{ ...WIDGET, start: "yesterday" }, {}, /yesterday is no time/],
  [{ ...WIDGET, start: "P0D", end: "-PT1H" }, {}, /start must be before end/],
  [{ title: "nothing" }, {}, /needs "metrics"/],
  [WIDGET, { OutputFormat: "image/png" }, /OutputFormat image\/png is not supported/],
  [WIDGET, { MetricWidget: "[" }, /no JSON object/],
])("%j with %j is refused", async (widget, more, message) => {
  await expect(image(widget, "json", more)).rejects.toThrow(message);
});

const PICTURE: WidgetPicture = {
  widget: {
    type: "metric",
    place: { x: 0, y: 0, width: 24, height: 12 },
    title: "a < b",
    view: "timeSeries",
    stacked: false,
    sparkline: false,
    setPeriodToTimeRange: false,
    legend: "bottom",
    series: [
      {
        id: "m",
        label: "Orders",
        yAxis: "left",
        startMs: NOW - HOUR,
        periodSeconds: 600,
        values: [0, 50, 100, null, 100, null],
      },
    ],
    horizontal: [{ value: 75, label: "limit", yAxis: "left" }],
    vertical: [],
  },
  startMs: NOW - HOUR,
  endMs: NOW,
  width: 675,
  height: 300,
  isDark: false,
};

test("a line goes from point to point, a gap stays one, and a point alone is a dot", () => {
  const svg = widgetSvg(PICTURE);
  // The plot is 600 by 224 pixels, from 60, 32.
  expect(svg).toContain('<polyline points="60.0,256.0 160.0,144.0 260.0,32.0"');
  expect(svg).toContain('<circle cx="460.0" cy="32.0"');
  expect(svg).toContain('y1="88.0" y2="88.0" stroke="#d62728"');
  expect(svg).toMatch(/>a &#60; b<.*>11:00<.*>12:00<.*>limit<.*>Orders</s);
});

test("stacked series lie on top of each other", () => {
  const [first] = PICTURE.widget.series;
  if (first === undefined) throw new Error("the picture has no series");
  const two = { ...PICTURE.widget, stacked: true, horizontal: [], series: [first, { ...first, id: "n" }] };
  const svg = widgetSvg({ ...PICTURE, widget: two });
  // Two rows of the legend leave 208 pixels, for 200 orders.
  expect(svg).toContain('<polyline points="60.0,240.0 160.0,188.0 260.0,136.0"');
  expect(svg).toContain('<polyline points="60.0,240.0 160.0,136.0 260.0,32.0"');
});

test("a number is the latest value of each series", () => {
  const [first] = PICTURE.widget.series;
  if (first === undefined) throw new Error("the picture has no series");
  const series = [
    { ...first, values: [1, 1_234_567, null] },
    { ...first, values: [null] },
  ];
  const svg = widgetSvg({ ...PICTURE, widget: { ...PICTURE.widget, view: "singleValue", series } });
  expect(svg).toMatch(/>1\.23M<.*>--</s);
});
