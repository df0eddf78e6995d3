import {
  DeleteParameterCommand,
  GetParametersCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { Argument, Command } from "commander";
import {
  parameterProblem,
  OPERATOR_PARAMETERS,
  type OperatorParameter,
} from "../../lambda/contract/runtime-parameters.ts";
import { namesOf } from "../../lib/names.ts";
import { UsageError } from "../cli/failure.ts";
import { alignedColumns, type Terminal } from "../cli/terminal.ts";
import {
  addTargetOptions,
  awsFailure,
  confirmDeployedChange,
  resolveTarget,
  type Target,
  type TargetOptions,
} from "../cli/target.ts";

interface ChangeOptions extends TargetOptions {
  readonly yes?: true;
}

const YES = ["--yes", "do not ask before a deployed stage is changed"] as const;

/** `config get|set|unset`: model and timeout, changed while the agent runs. */
export function configCommand(terminal: Terminal): Command {
  const command = new Command("config").description("read or change what the agent reads at run time");
  command.addCommand(
    addTargetOptions(new Command("get").argument("[name]"))
      .description("print the parameters; one that is not set has its deployed value")
      .action((name: string | undefined, options: TargetOptions) => getParameters(terminal, options, name)),
  );
  command.addCommand(
    addTargetOptions(new Command("set").addArgument(nameArgument()).argument("<value>"))
      .description("set a parameter; it takes effect within a minute")
      .option(...YES)
      .action((name: OperatorParameter, value: string, options: ChangeOptions) =>
        setParameter(terminal, options, { name, value }),
      ),
  );
  command.addCommand(
    addTargetOptions(new Command("unset").addArgument(nameArgument()))
      .description("remove a parameter; the agent goes back to what is deployed")
      .option(...YES)
      .action((name: OperatorParameter, options: ChangeOptions) => unsetParameter(terminal, options, name)),
  );
  return command;
}

function nameArgument(): Argument {
  return new Argument("<name>", OPERATOR_PARAMETERS.join(" or ")).choices(OPERATOR_PARAMETERS);
}

async function getParameters(
  terminal: Terminal,
  options: TargetOptions,
  name: string | undefined,
): Promise<void> {
  const wanted = OPERATOR_PARAMETERS.filter((each) => name === undefined || each === name);
  if (wanted.length === 0)
    throw new UsageError(`there is no parameter "${name ?? ""}": use ${OPERATOR_PARAMETERS.join(" or ")}`);
  const target = await resolveTarget(options);
  const found = await withSsm(target, (client) =>
    client.send(new GetParametersCommand({ Names: wanted.map((each) => parameterName(target, each)) })),
  );
  const values = new Map(found.Parameters?.map(({ Name = "", Value = "" }) => [Name, Value]));
  const rows = wanted.map((each) => [each, values.get(parameterName(target, each)) ?? "as deployed"]);
  alignedColumns(rows).forEach(terminal.out);
}

interface ParameterValue {
  readonly name: OperatorParameter;
  readonly value: string;
}

async function setParameter(
  terminal: Terminal,
  options: ChangeOptions,
  { name, value }: ParameterValue,
): Promise<void> {
  const refusal = parameterProblem(name, value);
  if (refusal !== undefined) throw new UsageError(`${name} "${value}": ${refusal}`);
  const target = await resolveTarget(options);
  await confirmDeployedChange({ target, change: `set ${name} to ${value}`, yes: options.yes });
  const put = { Name: parameterName(target, name), Type: "String", Value: value, Overwrite: true } as const;
  await withSsm(target, (client) => client.send(new PutParameterCommand(put)));
  terminal.out(`${target.where}: ${name} is ${value}; the agent takes it within a minute`);
  if (name === "model-id")
    terminal.out(
      "a model outside BEDROCK_MODEL_ID and BEDROCK_MODEL_CHOICES is ignored, with a warning in the log",
    );
}

async function unsetParameter(
  terminal: Terminal,
  options: ChangeOptions,
  name: OperatorParameter,
): Promise<void> {
  const target = await resolveTarget(options);
  await confirmDeployedChange({ target, change: `set ${name} back to what is deployed`, yes: options.yes });
  await withSsm(target, async (client) => {
    try {
      await client.send(new DeleteParameterCommand({ Name: parameterName(target, name) }));
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
    }
  });
  terminal.out(`${target.where}: ${name} is as deployed`);
}

function parameterName({ stage }: Target, name: OperatorParameter): string {
  return `${namesOf(stage).parameterPrefix}${name}`;
}

async function withSsm<T>(target: Target, act: (client: SSMClient) => Promise<T>): Promise<T> {
  const client = new SSMClient(target.client);
  try {
    return await act(client);
  } catch (error) {
    throw awsFailure(error, target, "Systems Manager's parameters");
  } finally {
    client.destroy();
  }
}
