import { CfnOutput, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { readTokenCommand } from "../lambda/contract/token.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { AgentFunction } from "./constructs/agent-function.ts";
import { TokenRotation } from "./constructs/token-rotation.ts";
import { rememberGivenSettings, stackSynthesizer } from "./constructs/stage-stack.ts";
import { namesOf } from "./names.ts";

/** The agent of one stage; exports its ARN and URL by name for whoever watches it. */
export class ApplicationStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    const names = namesOf(config);
    super(scope, names.applicationArtifact, {
      stackName: names.applicationStack,
      synthesizer: stackSynthesizer(config),
      env: { region: config.region },
      description: `Wrist Agent, ${config.stage}: function, alias and Function URL`,
      terminationProtection: config.stage === "production",
    });
    const agent = new AgentFunction(this, "Agent", config);
    new TokenRotation(this, "TokenRotation", config);
    rememberGivenSettings(this, config, "application");
    new CfnOutput(this, "FunctionArn", {
      value: agent.alias.lambda.functionArn,
      exportName: names.functionArnExport,
      description: "ARN of the function, without alias",
    });
    new CfnOutput(this, "FunctionUrl", {
      value: agent.url.url,
      exportName: names.functionUrlExport,
      description: "Address that the Shortcut posts to",
    });
    new CfnOutput(this, "TokenParameterName", {
      value: config.tokenParameterName,
      description: "SSM parameter (SecureString) that holds the token; the first deploy makes it",
    });
    new CfnOutput(this, "TokenCommand", {
      value: readTokenCommand(config.tokenParameterName, config.region),
      description: "Prints the token that the Shortcut sends",
    });
  }
}
