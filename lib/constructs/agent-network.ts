import { Annotations } from "aws-cdk-lib/core";
import {
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
  type IVpc,
} from "aws-cdk-lib/aws-ec2";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { FunctionProps } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/**
 * Networks that can be had, and what each costs, as read on https://aws.amazon.com/privatelink/pricing/ and
 * https://aws.amazon.com/vpc/pricing/ in November 2026.
 */
const NETWORK_COST: Readonly<Record<"isolated" | "nat", string>> = {
  isolated:
    "VPC=isolated costs about 29 USD a month: two interface endpoints in two zones, 0.01 USD an hour each",
  nat: "VPC=nat costs about 37 USD a month and 0.045 USD per GB: one NAT gateway and its public address",
};

/** What Lambda itself does in the account to put a function into subnets. */
const NETWORK_INTERFACE_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/**
 * A VPC for the agent alone, in two zones: without any way out but AWS's endpoints, or with a NAT gateway.
 */
export class AgentNetwork extends Construct {
  /** The part of a function's properties that puts it in here. */
  readonly placement: Pick<FunctionProps, "vpc" | "vpcSubnets" | "securityGroups">;

  constructor(scope: Construct, id: string, kind: "isolated" | "nat") {
    super(scope, id);
    const subnetType = kind === "isolated" ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS;
    // As an interface, since exact optional properties tell the class apart from what it implements.
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr("10.42.0.0/24"),
      maxAzs: 2,
      natGateways: kind === "nat" ? 1 : 0,
      subnetConfiguration: [
        { name: "agent", subnetType, cidrMask: 27 },
        ...(kind === "nat" ? [{ name: "nat", subnetType: SubnetType.PUBLIC, cidrMask: 28 }] : []),
      ],
      // CDK would empty the default group by a function of its own; nothing here is in that group.
      restrictDefaultSecurityGroup: false,
    }) as IVpc;
    const group = new SecurityGroup(this, "Agent", {
      vpc,
      description: "Wrist Agent",
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "Bedrock and SSM over HTTPS");
    if (kind === "isolated") addEndpoints(this, vpc, group);
    this.placement = { vpc, vpcSubnets: { subnetType }, securityGroups: [group] };
    Annotations.of(this).addInfoV2("wrist-agent:vpc-cost", NETWORK_COST[kind]);
  }
}

/**
 * The only ways out of an isolated network; each answers the agent and nobody else.
 *
 * None for CloudWatch Logs: Lambda itself ships what a function writes, from outside the network.
 */
function addEndpoints(network: AgentNetwork, vpc: IVpc, agent: SecurityGroup): void {
  const group = new SecurityGroup(network, "Endpoints", {
    vpc,
    description: "Endpoints of AWS services for Wrist Agent",
    allowAllOutbound: false,
  });
  group.addIngressRule(agent, Port.tcp(443), "the agent");
  const services = {
    BedrockRuntime: InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME,
    Ssm: InterfaceVpcEndpointAwsService.SSM,
  };
  for (const [id, service] of Object.entries(services))
    vpc.addInterfaceEndpoint(id, { service, securityGroups: [group], open: false });
}

/**
 * What the function's role needs in a VPC.
 *
 * EC2 knows no narrower resources for most of it; the second statement keeps the function's own code from
 * using the first:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
 */
export function networkPermissions(functionArn: string): readonly PolicyStatement[] {
  return [
    new PolicyStatement({ sid: "JoinVpc", actions: NETWORK_INTERFACE_ACTIONS, resources: ["*"] }),
    new PolicyStatement({
      sid: "NotByTheCode",
      effect: Effect.DENY,
      actions: NETWORK_INTERFACE_ACTIONS,
      resources: ["*"],
      conditions: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
    }),
  ];
}
