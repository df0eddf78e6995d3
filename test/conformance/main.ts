import { randomBytes } from "node:crypto";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Command, Option } from "commander";
import { conformanceFiles, type ConformanceNames } from "./conformance-case.ts";
import { type ClientOf, runCase } from "./run-case.ts";

interface Options {
  readonly region: string;
  readonly target: "aws" | "local";
  readonly endpoint: string;
}

/** The local runtime checks no signatures. */
const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** Runs every case against an account; gives how many answers differ. */
async function runAll(clientOf: ClientOf, names: Omit<ConformanceNames, "prefix">): Promise<number> {
  let failed = 0;
  for (const { file, source, recorded, cases } of conformanceFiles()) {
    process.stdout.write(`${file} (${source}, ${recorded})\n`);
    for (const each of cases) {
      const prefix = `conformance-${randomBytes(6).toString("hex")}`;
      const found = await runCase(each, clientOf, { ...names, prefix });
      if (found.length > 0) failed++;
      process.stdout.write(`  ${found.length === 0 ? "same     " : "DIFFERENT"} ${each.name}\n`);
      for (const difference of found) process.stdout.write(`            ${difference}\n`);
    }
  }
  return failed;
}

async function main(options: Options): Promise<void> {
  const { region, endpoint } = options;
  const setting =
    options.target === "local" ? { region, endpoint, credentials: LOCAL_CREDENTIALS } : { region };
  const { Account: account = "" } = await new STSClient(setting).send(new GetCallerIdentityCommand({}));
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const clients = {
    cloudwatch: new CloudWatchClient(setting),
    lambda: new LambdaClient(setting),
    logs: new CloudWatchLogsClient(setting),
    sns: new SNSClient(setting),
    sqs: new SQSClient(setting),
    ssm: new SSMClient(setting),
  };
  const failed = await runAll((service) => clients[service], { account, region, nowMs });
  process.stdout.write(failed === 0 ? "every answer is the same\n" : `${failed} cases differ\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await new Command("conformance")
  .description(
    "runs the recorded cases of test/conformance against CloudWatch and names each answer that differs; it makes alarms, dashboards, metrics, topics and queues whose names begin with conformance-, and deletes them again (metrics cannot be deleted)",
  )
  .addOption(new Option("--target <target>", "whose answers").choices(["aws", "local"]).default("local"))
  .option("--region <region>", "Region of the calls", "us-west-2")
  .option(
    "--endpoint <url>",
    "where `npm start` serves the AWS API, with --target local",
    "http://127.0.0.1:7702",
  )
  .action(async (options: Options) => {
    await main(options).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
  })
  .parseAsync();
