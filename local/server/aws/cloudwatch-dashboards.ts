import { checkDashboardBody } from "@wrist-agent/cloudwatch/dashboards/dashboard-check";
import type { DashboardFault } from "@wrist-agent/cloudwatch/dashboards/dashboard-schema";
import { AwsError } from "./service.ts";
import type { Dashboards, StoredDashboard, TagsPort } from "./cloudwatch-ports.ts";
import { dashboardArn, forgetTags, tagsInput, tagsOfNewResource } from "./cloudwatch-tags.ts";
import { type InputReader, type Page, pageOfItems } from "./cloudwatch-input.ts";

/** Structures of the operations on dashboards. */
export const DASHBOARD_STRUCTURES = {
  DashboardEntry: {
    DashboardName: "string",
    DashboardArn: "string",
    LastModified: "timestamp",
    Size: "integer",
  },
  DashboardValidationMessage: { DataPath: "string", Message: "string" },
} as const;

/** What the operations on dashboards take and answer. */
export const DASHBOARD_OPERATIONS = {
  GetDashboard: {
    input: { DashboardName: "string" },
    output: { DashboardArn: "string", DashboardBody: "string", DashboardName: "string" },
  },
  ListDashboards: {
    input: { DashboardNamePrefix: "string", NextToken: "string" },
    output: { DashboardEntries: "DashboardEntry[]", NextToken: "string" },
  },
  PutDashboard: {
    input: { DashboardName: "string", DashboardBody: "string", Tags: "Tag[]" },
    output: { DashboardValidationMessages: "DashboardValidationMessage[]" },
  },
  DeleteDashboards: { input: { DashboardNames: "string[]" }, output: {} },
} as const;

const NAME = /^[\w-]*$/;
const PAGE = 1000;

/** The dashboards of an account, whose ARNs name no Region. */
export interface DashboardOwner {
  readonly accountId: string;
  readonly homeRegion: string;
  readonly dashboards: Dashboards;
  readonly tags: TagsPort;
}

/** Lists dashboards by the prefix of their name. */
export function listDashboards(owner: DashboardOwner, read: InputReader): object {
  const prefix = read.text("DashboardNamePrefix") ?? "";
  checkName("DashboardNamePrefix", prefix);
  const matching = owner.dashboards
    .list()
    .filter(({ name }) => name.startsWith(prefix))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { items, ...next } = pageOfDashboards(matching, read);
  return { DashboardEntries: items.map((dashboard) => entryView(owner, dashboard)), ...next };
}

/** Here a token that no page gave is an error of its own. */
function pageOfDashboards(all: readonly StoredDashboard[], read: InputReader): Page<StoredDashboard> {
  try {
    return pageOfItems(all, read, PAGE);
  } catch (error) {
    if (error instanceof AwsError && error.code === "InvalidNextToken")
      throw new AwsError("ValidationError", "Invalid NextToken");
    throw error;
  }
}

function entryView(owner: DashboardOwner, { name, body, modifiedMs }: StoredDashboard): object {
  return {
    DashboardName: name,
    DashboardArn: dashboardArn(owner, name),
    LastModified: modifiedMs / 1000,
    Size: Buffer.byteLength(body),
  };
}

/** One dashboard with its body. */
export function getDashboard(owner: DashboardOwner, read: InputReader): object {
  const wanted = read.required("DashboardName", read.text("DashboardName"));
  const found = owner.dashboards.list().find(({ name }) => name === wanted);
  if (found === undefined) throw notFound(wanted);
  return {
    DashboardArn: dashboardArn(owner, found.name),
    DashboardBody: found.body,
    DashboardName: found.name,
  };
}

function notFound(name: string): AwsError {
  return new AwsError("ResourceNotFound", `Dashboard ${name} does not exist`, 404);
}

/** Deletes those of the dashboards that are there. */
export function deleteDashboards(owner: DashboardOwner, read: InputReader): object {
  const { dashboards, tags } = owner;
  const names = read.required("DashboardNames", read.texts("DashboardNames"));
  names.forEach((name, index) => checkName(`DashboardNames[${index}]`, name));
  const there = new Set(dashboards.list().map(({ name }) => name));
  const found = [...new Set(names)].filter((name) => there.has(name));
  dashboards.delete(found);
  forgetTags(
    tags,
    found.map((name) => dashboardArn(owner, name)),
  );
  return {};
}

/** Stores a dashboard that CloudWatch would take, and says what it would warn of. */
export function putDashboard(owner: DashboardOwner, read: InputReader): object {
  const { dashboards, tags } = owner;
  const name = read.required("DashboardName", read.text("DashboardName"));
  checkName("DashboardName", name);
  const text = read.text("DashboardBody") ?? "";
  if (text === "") throw new AwsError("InvalidParameterValue", "The parameter DashboardBody is required.\n");
  const { refusal, warnings, body } = checkDashboardBody(text);
  if (body === undefined) throw new AwsError("InvalidParameterInput", refusal);
  const given = tagsInput(read);
  const isNew = !dashboards.list().some((each) => each.name === name);
  dashboards.put(name, body);
  tagsOfNewResource(tags, { arn: dashboardArn(owner, name), isNew }, given);
  return { DashboardValidationMessages: warnings.map(messageView) };
}

function messageView({ dataPath, message }: DashboardFault): object {
  return { DataPath: dataPath, Message: message };
}

/** Refuses a name, or the beginning of one, that no dashboard can have. */
function checkName(field: string, name: string): void {
  const refuse = (what: string): never => {
    throw new AwsError("InvalidParameterValue", `The value for field ${field} ${what}\n`);
  };
  if (name.length > 255) refuse("is too long. It must have length less than or equal to 255.");
  if (!NAME.test(name))
    refuse("contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).");
}
