import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { AwsError } from "./service.ts";
import type { Dashboards, StoredDashboard } from "./cloudwatch-ports.ts";
import { pageOfItems } from "./cloudwatch-input.ts";
import type { InputReader } from "./cloudwatch-input.ts";

const NAME = /^[\w-]{1,255}$/;
const PAGE = 1000;

/** The dashboards of an account, whose ARNs name no Region. */
export interface DashboardOwner {
  readonly accountId: string;
  readonly dashboards: Dashboards;
}

/** Lists dashboards by the prefix of their name. */
export function listDashboards(owner: DashboardOwner, read: InputReader): object {
  const prefix = read.text("DashboardNamePrefix") ?? "";
  const matching = owner.dashboards
    .list()
    .filter(({ name }) => name.startsWith(prefix))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { items, ...next } = pageOfItems(matching, read, PAGE);
  return { DashboardEntries: items.map((dashboard) => entryView(owner, dashboard)), ...next };
}

function entryView({ accountId }: DashboardOwner, { name, body, modifiedMs }: StoredDashboard): object {
  return {
    DashboardName: name,
    DashboardArn: dashboardArn(accountId, name),
    LastModified: modifiedMs / 1000,
    Size: Buffer.byteLength(body),
  };
}

function dashboardArn(accountId: string, name: string): string {
  return `arn:aws:cloudwatch::${accountId}:dashboard/${name}`;
}

/** One dashboard with its body. */
export function getDashboard({ accountId, dashboards }: DashboardOwner, read: InputReader): object {
  const wanted = read.required("DashboardName", read.text("DashboardName"));
  const found = dashboards.list().find(({ name }) => name === wanted);
  if (found === undefined) throw notFound(wanted);
  return {
    DashboardArn: dashboardArn(accountId, found.name),
    DashboardBody: found.body,
    DashboardName: found.name,
  };
}

function notFound(name: string): AwsError {
  return new AwsError("ResourceNotFound", `Dashboard ${name} does not exist`, 404);
}

/** Deletes all of the dashboards or none. */
export function deleteDashboards({ dashboards }: DashboardOwner, read: InputReader): object {
  const names = read.required("DashboardNames", read.texts("DashboardNames"));
  const missing = names.find((name) => !dashboards.list().some((dashboard) => dashboard.name === name));
  if (missing !== undefined) throw notFound(missing);
  dashboards.delete(names);
  return {};
}

/** Stores a dashboard, and says what of its body nobody knows. */
export function putDashboard({ dashboards }: DashboardOwner, read: InputReader): object {
  const name = read.required("DashboardName", read.text("DashboardName"));
  const body = read.required("DashboardBody", read.text("DashboardBody"));
  if (!NAME.test(name))
    throw new AwsError(
      "InvalidParameterValue",
      `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
    );
  const problem = bodyProblem(body);
  if (problem !== undefined)
    throw new AwsError(
      "InvalidParameterInput",
      `The dashboard body is invalid, there are validation errors: ${JSON.stringify([problem])}`,
    );
  const messages = validationMessages(dashboards.draw(body));
  dashboards.put(name, body);
  return { DashboardValidationMessages: messages };
}

interface Problem {
  readonly dataPath: string;
  readonly message: string;
}

function bodyProblem(body: string): Problem | undefined {
  const parsed = parsedBody(body);
  if (parsed === undefined)
    return { dataPath: "", message: "The field DashboardBody must be a valid JSON object" };
  if (!Array.isArray(parsed.widgets))
    return { dataPath: "", message: "Should have required property 'widgets'" };
  const bad = parsed.widgets.findIndex((widget) => typeof widget !== "object" || widget === null);
  return bad < 0 ? undefined : { dataPath: `/widgets/${bad}`, message: "Should be object" };
}

function parsedBody(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const OF_WIDGET = /^widget (\d+): (.*)$/s;

/** What drawing found that CloudWatch does not know either; what it only draws differently is not a fault of the body. */
function validationMessages({ notices, widgets }: DashboardView): readonly object[] {
  const unknown = notices.flatMap((notice) => {
    const [, number, text = notice] = OF_WIDGET.exec(notice) ?? [];
    if (!text.startsWith("unknown member")) return [];
    return [{ DataPath: number === undefined ? "/" : `/widgets/${Number(number) - 1}`, Message: text }];
  });
  const refused = widgets.flatMap((widget, index) =>
    widget.type === "refused" ? [{ DataPath: `/widgets/${index}`, Message: widget.reason }] : [],
  );
  return [...unknown, ...refused];
}
