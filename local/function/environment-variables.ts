import type { FunctionDefinition } from "./definition.ts";

/**
 * The environment variables of an execution environment: Lambda's own and the function's, and nothing else.
 *
 * The credentials are made up: the local AWS endpoint does not check signatures.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function environmentVariables(
  definition: FunctionDefinition,
  logStreamName: string,
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "ASIALOCAL00000000000",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "local",
    ...definition.environment,
    ...reserved(definition, logStreamName),
  };
}

function reserved(definition: FunctionDefinition, logStreamName: string): Record<string, string> {
  const variables: Record<string, string> = {
    _HANDLER: definition.handler,
    AWS_DEFAULT_REGION: definition.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: definition.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: definition.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: definition.region,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
  };
  if (definition.logFormat === "JSON")
    variables.AWS_LAMBDA_LOG_LEVEL = definition.applicationLogLevel ?? "INFO";
  return variables;
}
