/** A family of Regions with accounts, consoles and ARNs of its own. */
interface Partition {
  /** Second part of an ARN. */
  readonly id: string;
  /** What the names of its Regions begin with. */
  readonly regionPrefix: string;
  /** Host of its console, after the Region. */
  readonly consoleHost: string;
}

/**
 * The commercial partition last: every other Region is its.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
const PARTITIONS: readonly Partition[] = [
  { id: "aws-us-gov", regionPrefix: "us-gov-", consoleHost: "console.amazonaws-us-gov.com" },
  { id: "aws-cn", regionPrefix: "cn-", consoleHost: "console.amazonaws.cn" },
  { id: "aws", regionPrefix: "", consoleHost: "console.aws.amazon.com" },
];

/** The partition that a Region belongs to, as ARNs spell it. */
export function partitionOf(region: string): string {
  return partition(region).id;
}

/** Start of the addresses of the AWS console in a Region. */
export function consoleAddress(region: string): string {
  return `https://${region}.${partition(region).consoleHost}`;
}

function partition(region: string): Partition {
  const found = PARTITIONS.find(({ regionPrefix }) => region.startsWith(regionPrefix));
  if (found === undefined) throw new Error(`no partition for ${region}`);
  return found;
}
