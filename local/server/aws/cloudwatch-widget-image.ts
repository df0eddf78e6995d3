import type { MetricWidgetView, WidgetView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { type InputReader, invalidValue } from "./cloudwatch-input.ts";
import { notSupported } from "./service.ts";
import { widgetSvg } from "./widget-svg.ts";

/** A metric widget to draw over a span of time, epoch milliseconds. */
export interface WidgetRequest {
  readonly properties: JsonObject;
  readonly region: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Draws a widget from the metrics, wherever they are kept. */
export type DrawWidget = (request: WidgetRequest) => Promise<WidgetView>;

/** What GetMetricWidgetImage takes and answers. */
export const WIDGET_IMAGE_OPERATIONS = {
  GetMetricWidgetImage: {
    input: { MetricWidget: "string", OutputFormat: "string" },
    output: { MetricWidgetImage: "blob" },
  },
} as const;

/**
 * Pixels.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
 */
const SIZE = { width: 600, height: 400, most: 2000 } as const;

/** Draws a metric widget as a PNG. */
export async function getMetricWidgetImage(
  draw: DrawWidget,
  read: InputReader,
  { region, nowMs }: { readonly region: string; readonly nowMs: number },
): Promise<object> {
  const format = read.text("OutputFormat") ?? "png";
  if (format !== "png") throw notSupported(`OutputFormat ${format}`, "leave it out for the PNG");
  const written = read.required("MetricWidget", read.text("MetricWidget"));
  const properties = parseJsonObject(written);
  if (properties === undefined) throw invalidValue("The value for parameter MetricWidget is no JSON object.");
  const { start, end, width, height, theme, ...rest } = properties;
  const endMs = timeOf(end ?? "P0D", nowMs);
  const range = { startMs: timeOf(start ?? "-PT3H", nowMs), endMs };
  if (range.startMs >= range.endMs) throw invalidValue("MetricWidget: start must be before end.");
  const widget = await draw({ properties: rest, region, ...range });
  const svg = widgetSvg({
    widget: drawable(widget),
    ...range,
    width: pixels(width ?? SIZE.width),
    height: pixels(height ?? SIZE.height),
    isDark: theme === "dark",
  });
  return { MetricWidgetImage: await png(svg) };
}

/** The library is loaded when it is first asked for: nothing else draws pixels. */
async function png(svg: string): Promise<Buffer> {
  const { VIPSHOME: before } = process.env;
  const { default: sharp } = await import("sharp");
  // Its library writes into the environment where it was built, which is nobody's business.
  if (before === undefined) delete process.env.VIPSHOME;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function drawable(widget: WidgetView): MetricWidgetView {
  if (widget.type === "refused") throw invalidValue(`MetricWidget: ${widget.reason}`);
  if (widget.type !== "metric") throw invalidValue("MetricWidget: only a metric widget has an image.");
  if (widget.view === "timeSeries" || widget.view === "singleValue") return widget;
  throw invalidValue(
    `MetricWidget: view ${widget.view} has no image in the local runtime: use timeSeries or singleValue`,
  );
}

function pixels(size: unknown): number {
  if (typeof size === "number" && Number.isInteger(size) && size >= 1 && size <= SIZE.most) return size;
  throw invalidValue(`MetricWidget: width and height must be whole numbers from 1 to ${SIZE.most}.`);
}

const DURATION = /^-?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const UNIT_SECONDS = [604_800, 86_400, 3600, 60, 1] as const;

/** `-PT3H` before now, `P0D` is now; anything else is a time of ISO 8601. */
function timeOf(text: unknown, nowMs: number): number {
  const parts: readonly (string | undefined)[] | undefined = DURATION.exec(String(text))?.slice(1);
  const agoSeconds = parts?.reduce((sum, part, n) => sum + Number(part ?? 0) * (UNIT_SECONDS[n] ?? 0), 0);
  const ms = agoSeconds === undefined ? Date.parse(String(text)) : nowMs - agoSeconds * 1000;
  if (Number.isFinite(ms)) return ms;
  throw invalidValue(`MetricWidget: ${String(text)} is no time: use ISO 8601, or -PT3H`);
}
