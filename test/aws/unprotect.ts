import { CloudFormationClient, UpdateTerminationProtectionCommand } from "@aws-sdk/client-cloudformation";

const [, , StackName = "", endpoint = ""] = process.argv;

/** Takes the protection from deletion off a stack, as docs/deploying.md says. */
const client = new CloudFormationClient({ region: "us-west-2", endpoint });
await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
client.destroy();
