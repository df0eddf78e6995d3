import {
  DeleteParameterCommand,
  GetParametersCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { Argument, Command } from "commander";
import {
  malformed,
  OPERATOR_PARAMETERS,
  type OperatorParameter,
} from "../../../lambda/contract/parameters.ts";
import { namesOf } from "../../../lib/names.ts";
import { UsageError } from "../failure.ts";
import { columns, type Terminal } from "../terminal.ts";
import { awsFailure, targetOf, withTarget, type Target, type TargetOptions } from "./target.ts";

/** `config get|set|unset`: model and timeout, changed while the agent runs. */
export function configCommand(terminal: Terminal): Command {
  const command = new Command("config").description("read or change what the agent reads at run time");
  command.addCommand(
    withTarget(new Command("get").argument("[name]"))
      .description("print the parameters; one that is not set is as deployed")
      .action((name: string | undefined, options: TargetOptions) => get(terminal, options, name)),
  );
  command.addCommand(
    withTarget(new Command("set").addArgument(nameArgument()).argument("<value>"))
      .description("set a parameter; the agent takes it within CONFIG_TTL_SECONDS (60)")
      .action((name: OperatorParameter, value: string, options: TargetOptions) =>
        set(terminal, options, { name, value }),
      ),
  );
  command.addCommand(
    withTarget(new Command("unset").addArgument(nameArgument()))
      .description("remove a parameter; the agent goes back to what is deployed")
      .action((name: OperatorParameter, options: TargetOptions) => unset(terminal, options, name)),
  );
  return command;
}

function nameArgument(): Argument {
  return new Argument("<name>", OPERATOR_PARAMETERS.join(" or ")).choices(OPERATOR_PARAMETERS);
}

async function get(terminal: Terminal, options: TargetOptions, name: string | undefined): Promise<void> {
  const wanted = OPERATOR_PARAMETERS.filter((each) => name === undefined || each === name);
  if (wanted.length === 0)
    throw new UsageError(`there is no parameter "${name ?? ""}": use ${OPERATOR_PARAMETERS.join(" or ")}`);
  const target = await targetOf(options);
  const found = await withSsm(target, (client) =>
    client.send(new GetParametersCommand({ Names: wanted.map((each) => nameIn(target, each)) })),
  );
  const values = new Map(found.Parameters?.map(({ Name = "", Value = "" }) => [Name, Value]));
  const rows = wanted.map((each) => [each, values.get(nameIn(target, each)) ?? "as deployed"]);
  columns(rows).forEach(terminal.out);
}

interface Setting {
  readonly name: OperatorParameter;
  readonly value: string;
}

async function set(terminal: Terminal, options: TargetOptions, { name, value }: Setting): Promise<void> {
  const refusal = malformed(name, value);
  if (refusal !== undefined) throw new UsageError(`${name} "${value}": ${refusal}`);
  const target = await targetOf(options);
  const put = { Name: nameIn(target, name), Type: "String", Value: value, Overwrite: true } as const;
  await withSsm(target, (client) => client.send(new PutParameterCommand(put)));
  terminal.out(`${target.where}: ${name} is ${value}; the agent takes it within CONFIG_TTL_SECONDS (60)`);
  if (name === "model-id")
    terminal.out(
      "a model outside BEDROCK_MODEL_ID and BEDROCK_MODEL_CHOICES is ignored, with a warning in the log",
    );
}

async function unset(terminal: Terminal, options: TargetOptions, name: OperatorParameter): Promise<void> {
  const target = await targetOf(options);
  await withSsm(target, async (client) => {
    try {
      await client.send(new DeleteParameterCommand({ Name: nameIn(target, name) }));
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
    }
  });
  terminal.out(`${target.where}: ${name} is as deployed`);
}

function nameIn({ stage }: Target, name: OperatorParameter): string {
  return `${namesOf(stage).parameterPrefix}${name}`;
}

async function withSsm<T>(target: Target, act: (client: SSMClient) => Promise<T>): Promise<T> {
  const client = new SSMClient(target.client);
  try {
    return await act(client);
  } catch (error) {
    throw awsFailure(error, target);
  } finally {
    client.destroy();
  }
}
